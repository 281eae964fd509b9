// Every limit of the formats, with its unit and its reason. Relations between limits are asserted at load.

/** A pack is one MQTT message of a small device: 128 records of about 40 bytes, with room for names and signature. */
export const PACK_SIZE_BYTES_MAX = 16 * 1024;
/** SenML records in a pack: a reading a minute of two quantities for an hour, with a margin. */
export const PACK_RECORDS_MAX = 128;
/** A transaction names at most a few hundred lots; anything larger belongs in a document. */
export const TX_SIZE_BYTES_MAX = 64 * 1024;
/** How far ahead of the block a transaction may be valid: bounds what a node must remember of the undecided. */
export const TX_VALIDITY_BLOCKS_MAX = 10_000;
/** Blocks are gossiped and replayed whole: 4 MiB fits one message on a rural uplink. */
export const BLOCK_SIZE_BYTES_MAX = 4 * 1024 * 1024;
/** Transactions of one block: a bound on signatures to check before a vote. */
export const BLOCK_TXS_MAX = 1000;
/** State writes of one block: about a quarter of a second of tree updates on a small server. */
export const BLOCK_WRITES_MAX = 5000;
/** State entries read by the transactions of one block: one recall of the largest scope, or what a thousand others need. */
export const BLOCK_READS_MAX = 1_200_000;
/** Validators in one set: a certificate stays below 8 KiB. */
export const VALIDATORS_MAX = 64;
/** Headers between a block and the one whose certificate finalises it: as many as consensus leaves undecided at once. */
export const VIA_MAX = 16;
/** Validators that must remain when one leaves on its own: below, one failure stops the ledger. */
export const VALIDATORS_LEFT_MIN = 4;
/** Between two key rotations of one validator: each ends an epoch, and a phone walks every epoch from the genesis. */
export const ROTATION_PAUSE_MS = 30 * 86_400_000;
/** Open proposals of the consortium: each is a list entry that every proposal reads. */
export const PROPOSALS_OPEN_MAX = 32;
/** Blocks after which a proposal that found no quorum is void. */
export const PROPOSAL_BLOCKS_MAX = 10_000;
/** Blocks between the approval of an upgrade and its height, at least: time to install the version that it needs. */
export const UPGRADE_NOTICE_BLOCKS = 100;
/** Blocks between the proposal of an upgrade and its height, at most: what is approved takes effect within its approvers' terms. */
export const UPGRADE_AHEAD_BLOCKS_MAX = 1_000_000;
/** Approved upgrades whose height has not come. */
export const UPGRADES_PENDING_MAX = 8;
/** Modules above their first version: each has an entry in the record of the rules. */
export const UPGRADED_MODULES_MAX = 64;
/** CBOR nesting: our deepest format has 8 levels. */
export const CBOR_DEPTH_MAX = 16;
/** Depth of the state tree: one level a bit of a 32-byte path. */
export const STATE_DEPTH_MAX = 256;
/** A device token lives as long as a slow reconnect takes, no longer. */
export const TOKEN_LIFETIME_S_MAX = 600;
/** A device clock may run ahead of the gateway by this much when it asks for a connection. */
export const TOKEN_SKEW_S_MAX = 120;
/** Inputs or outputs of one transformation. */
export const TRANSFORM_LOTS_MAX = 64;
/** Inputs times outputs of one transformation: each pair is a record of its own in the state. */
export const TRANSFORM_LINKS_MAX = 128;
/** Accounts that may make one product. */
export const PRODUCT_MAKERS_MAX = 1024;
/** Grams or pieces. One million tonnes: far above any lot, far below 2^53. Sums of TRANSFORM_LOTS_MAX of them stay exact. */
export const AMOUNT_MAX = 1_000_000_000_000;
/** Units of one label batch. */
export const LABEL_BATCH_UNITS_MAX = 1_000_000;
/** Label batches of one lot: a recall counts each of them. */
export const LOT_BATCHES_MAX = 1000;
/** Moves of a device that its record remembers. */
export const DEVICE_ASSIGNMENTS_MAX = 64;
/** Moves of a lot or a label batch that its record remembers. */
export const MOVES_MAX = 64;
/** Items of one shipment. */
export const SHIPMENT_ITEMS_MAX = 64;
/** Subjects of one document, and documents of one subject. */
export const DOCUMENT_SUBJECTS_MAX = 64;
/** Valid documents of one issuer about one subject. */
export const DOCUMENT_PER_ISSUER_MAX = 16;
/** Valid documents about one subject of all whom it does not concern: the rest is kept free for those whom it does. */
export const DOCUMENT_OTHERS_MAX = 32;
/** Size of a document's file: a scan of some pages, or a photo of a phone. */
export const DOCUMENT_SIZE_BYTES_MAX = 20 * 1024 * 1024;
/** Origin marks of one plot. */
export const PLACE_MEMBERSHIPS_MAX = 32;
/** A season of harvest lies within a year and a day. */
export const SEASON_MS_MAX = 367 * 86_400_000;
/** Seasons of one plot and product that have a quota: each grant looks at the others. */
export const QUOTA_SEASONS_MAX = 32;
/** Versions of one policy. */
export const POLICY_VERSIONS_MAX = 256;
/** Yield limits of one policy. */
export const POLICY_YIELDS_MAX = 128;
/** Open recalls that are no drills: each is looked at by every shipment. */
export const OPEN_RECALLS_MAX = 32;
/** Of them, those that others than regulators opened: a regulator always finds room. */
export const OPEN_RECALLS_HOLDERS_MAX = 16;
/** Of them, those of one opener who is no regulator. */
export const OPEN_RECALLS_OPENER_MAX = 2;
/** Open drills: each keeps the rows of its scope until it is closed. */
export const OPEN_DRILLS_MAX = 32;
/** Of them, those of one opener. */
export const OPEN_DRILLS_OPENER_MAX = 4;
/** Rows of a scope, kept or dropped, that count as one write of a block. */
export const SCOPE_ROWS_PER_WRITE = 50;
/** Lots in the scope of one recall: every validator walks them while it executes the block. */
export const RECALL_SCOPE_MAX = 100_000;
/** State entries that the scope of one recall is computed from: lots, their links, their label batches. */
export const RECALL_READS_MAX = 1_000_000;
/** What a lot in a scope counts beside its entries: its place in the scope's tree is hashed by every validator. */
export const RECALL_LOT_READS = 6;
/** Lots in the scope of a recall or drill of an opener who is no regulator. */
export const RECALL_SCOPE_HOLDER_MAX = 20_000;
/** Accounts that hold lots of one recall's scope: each has a record. */
export const RECALL_HOLDERS_MAX = 2000;
/** Calls of one `batch.run`. */
export const BATCH_CALLS_MAX = 300;
/** A bundle is fetched by a phone on a market street. */
export const BUNDLE_SIZE_BYTES_MAX = 8 * 1024 * 1024;
/** The part of a stay whose packs a bundle carries whole. */
export const BUNDLE_RECENT_MS = 48 * 3_600_000;
/** Packs that a bundle carries for the recent part: bounds the verification on a cheap phone. */
export const BUNDLE_RECENT_PACKS_MAX = 512;
/** Packs that the verifier picks by chance from the rest of the stay. */
export const BUNDLE_SAMPLES = 16;
/** Generations of lots that a bundle walks back from the scanned one. */
export const BUNDLE_LOTS_MAX = 64;
/** Lots that one trace may be asked about. */
export const TRACE_SEEDS_MAX = 64;
/** Lots of one proven trace: about 100 MB, and what a phone remembers of it about 10 MB. */
export const TRACE_PROOF_LOTS_MAX = 100_000;
/** One frame of a proven trace: the head with 4096 ended epochs of a small consortium. */
export const TRACE_FRAME_BYTES_MAX = 8 * 1024 * 1024;
/** A reading that reaches the gateway later than this after its own time is late: its time rests on the device alone. */
export const LATE_AFTER_MS = 48 * 3_600_000;
/** A device clock further ahead of the gateway than this is flagged. */
export const FUTURE_AFTER_MS = 5 * 60_000;
/** How far before its block a recorded time may lie: a grower's phone may be offline for a week, no longer. */
export const BACKDATE_MS_MAX = 7 * 86_400_000;

if (AMOUNT_MAX * TRANSFORM_LOTS_MAX > Number.MAX_SAFE_INTEGER) {
  throw new Error('limits: the sum of a transformation must stay exact');
}
if (RECALL_READS_MAX > BLOCK_READS_MAX) throw new Error('limits: a recall must fit a block');
if (RECALL_SCOPE_MAX / SCOPE_ROWS_PER_WRITE + RECALL_HOLDERS_MAX + 3 > BLOCK_WRITES_MAX) {
  throw new Error('limits: the rows of a recall must fit a block');
}
if (TX_SIZE_BYTES_MAX > BLOCK_SIZE_BYTES_MAX)
  throw new Error('limits: a transaction must fit a block');
