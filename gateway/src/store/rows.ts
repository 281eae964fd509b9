// Rows as tab-separated text: the fastest format that the embedded store reads. Every text in them is of an alphabet without
// tab, newline or backslash, and that is checked here.

import { bytesToHex } from '@suyuan/contracts';
import type { QuarantineRecord } from '../journal/records.ts';
import { type AcceptedPack, readingFlags } from '../pipeline/accepted-pack.ts';

export type Field = string | number;

const PLAIN = /^[\x20-\x5b\x5d-\x7e]*$/;

/** One line. Throws RangeError on text that would need escaping: a bug in the caller. */
export function row(fields: readonly Field[]): string {
  for (const field of fields) {
    if (typeof field === 'string' && !PLAIN.test(field)) {
      throw new RangeError('store row: text outside the plain alphabet');
    }
  }
  return `${fields.join('\t')}\n`;
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

function base64Text(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

export const PACK_COLUMNS = [
  'gateway',
  'batch',
  'leaf',
  'device',
  'boot',
  'seq',
  'id_hex',
  'leaf_hash_hex',
  'received_ms',
  'flags',
  'bytes_base64',
] as const;

export function packRow(gateway: string, batch: number, leaf: number, pack: AcceptedPack): string {
  return row([
    gateway,
    batch,
    leaf,
    pack.deviceId,
    pack.bootEpoch,
    pack.seq,
    bytesToHex(pack.id),
    bytesToHex(pack.leafHash),
    pack.received_ms,
    pack.flags,
    base64(pack.bytes),
  ]);
}

export const READING_COLUMNS = [
  'device',
  'quantity',
  'time_ms',
  'value',
  'flags',
  'boot',
  'seq',
  'gateway',
  'batch',
  'leaf',
] as const;

export function readingRows(
  gateway: string,
  batch: number,
  leaf: number,
  pack: AcceptedPack,
): string {
  // The fields that are the same in all rows of the pack are joined, and checked, once.
  const device = row([pack.deviceId]).trimEnd();
  const rest = row([pack.bootEpoch, pack.seq, gateway, batch, leaf]);
  let rows = '';
  for (const { quantity, time_ms, value } of pack.readings) {
    const flags = readingFlags(time_ms, pack.received_ms);
    rows += `${device}\t${quantity}\t${time_ms}\t${value}\t${flags}\t${rest}`;
  }
  return rows;
}

export const QUARANTINE_COLUMNS = [
  'gateway',
  'number',
  'received_ms',
  'reason',
  'claimed_base64',
  'device_base64',
  'connection_base64',
  'topic_base64',
  'bytes_base64',
] as const;

export function quarantineRow(gateway: string, record: QuarantineRecord): string {
  return row([
    gateway,
    record.number,
    record.received_ms,
    record.reason,
    base64Text(record.claimed),
    base64Text(record.device),
    base64Text(record.connection),
    base64Text(record.topic),
    base64(record.bytes),
  ]);
}

export const STATEMENT_COLUMNS = [
  'gateway',
  'device',
  'quantity',
  'month',
  'revision',
  'readings',
  'days',
  'made_ms',
  'key_hex',
  'bytes_base64',
] as const;
