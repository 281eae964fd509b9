// The tables of the column store, as numbered steps. A step that has been released is never changed; a change is a new step.
//
// Bytes come in as hex or base64 and stay bytes: no text format carries them whole. Numbers are below 2^53.

export interface Migration {
  readonly number: number;
  readonly statements: readonly string[];
}

export const MIGRATIONS_TABLE = `CREATE TABLE IF NOT EXISTS migrations (
  number UInt32,
  applied DateTime64(3) DEFAULT now64(3)
) ENGINE = MergeTree ORDER BY number`;

// Blocks whose token came before are dropped by the store: what makes a repeated insert harmless. What an insert has answered
// for is on the disk, because the journal's files are dropped after it.
const DURABLE_ONCE =
  'SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1';

export const MIGRATIONS: readonly Migration[] = [
  {
    number: 1,
    statements: [
      `CREATE TABLE packs (
        gateway LowCardinality(String),
        batch UInt64 CODEC(Delta, ZSTD),
        leaf UInt32 CODEC(Delta, ZSTD),
        device LowCardinality(String),
        boot UInt64 CODEC(ZSTD),
        seq UInt64 CODEC(ZSTD),
        id_hex String EPHEMERAL,
        id FixedString(32) DEFAULT unhex(id_hex) CODEC(NONE),
        leaf_hash_hex String EPHEMERAL,
        leaf_hash FixedString(32) DEFAULT unhex(leaf_hash_hex) CODEC(NONE),
        received_ms Int64 CODEC(Delta, ZSTD),
        flags UInt8,
        bytes_base64 String EPHEMERAL,
        bytes String DEFAULT base64Decode(bytes_base64) CODEC(ZSTD),
        PROJECTION by_device (
          SELECT device, boot, seq, gateway, batch, leaf ORDER BY device, boot, seq
        )
      ) ENGINE = MergeTree ORDER BY (gateway, batch, leaf) ${DURABLE_ONCE}`,
      `CREATE TABLE readings (
        device LowCardinality(String),
        quantity LowCardinality(String),
        time_ms Int64 CODEC(Delta, ZSTD),
        value Int64 CODEC(Delta, ZSTD),
        flags UInt8,
        boot UInt64 CODEC(ZSTD),
        seq UInt64 CODEC(Delta, ZSTD),
        gateway LowCardinality(String),
        batch UInt64 CODEC(Delta, ZSTD),
        leaf UInt32 CODEC(Delta, ZSTD),
        INDEX batch_range batch TYPE minmax GRANULARITY 1
      ) ENGINE = MergeTree ORDER BY (device, quantity, time_ms, boot, seq) ${DURABLE_ONCE}`,
      `CREATE TABLE quarantine (
        gateway LowCardinality(String),
        number UInt64,
        received_ms Int64,
        reason LowCardinality(String),
        claimed_base64 String EPHEMERAL,
        claimed String DEFAULT base64Decode(claimed_base64),
        device_base64 String EPHEMERAL,
        device String DEFAULT base64Decode(device_base64),
        connection_base64 String EPHEMERAL,
        connection String DEFAULT base64Decode(connection_base64),
        topic_base64 String EPHEMERAL,
        topic String DEFAULT base64Decode(topic_base64),
        bytes_base64 String EPHEMERAL,
        bytes String DEFAULT base64Decode(bytes_base64)
      ) ENGINE = MergeTree ORDER BY (gateway, number) ${DURABLE_ONCE}`,
      `CREATE TABLE statements (
        gateway LowCardinality(String),
        device LowCardinality(String),
        quantity LowCardinality(String),
        month LowCardinality(String),
        revision UInt32,
        readings UInt64,
        days UInt8,
        made_ms Int64,
        key_hex LowCardinality(String),
        bytes_base64 String EPHEMERAL,
        bytes String DEFAULT base64Decode(bytes_base64)
      ) ENGINE = MergeTree ORDER BY (device, quantity, month, revision) ${DURABLE_ONCE}`,
    ],
  },
];
