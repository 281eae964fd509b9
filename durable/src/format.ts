// The bytes of a record file.
//
//   file   = header record*
//   header = "suyuanRL" (8) | version u32 = 1 | salt u32 | CRC32C u32 of the 16 bytes before it
//   record = length u32 | back u32 | payload CRC32C u32 | head CRC32C u32 | payload (length bytes)
//
// All numbers little-endian. `back` is the distance from the record to the first record of the write batch it was synced
// with: a batch is written only after the one before it was durable, so a record shows that all before its batch was once
// durable. The head's CRC covers the salt, the record's own offset and the three words before it: bytes inside a payload
// (which strangers choose) never pass as a record. A record of length 0 is a sync mark and carries nothing else.

import { crc32c } from './crc32c.ts';
import { DurableError } from './errors.ts';

export const FILE_HEADER_BYTES = 20;
export const RECORD_HEAD_BYTES = 16;
const VERSION = 1;
const MAGIC = Uint8Array.from('suyuanRL', (letter) => letter.charCodeAt(0));

export function encodeFileHeader(salt: number): Uint8Array {
  const bytes = new Uint8Array(FILE_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(8, VERSION, true);
  view.setUint32(12, salt, true);
  view.setUint32(16, crc32c(bytes.subarray(0, 16)), true);
  return bytes;
}

/** The salt of a file's header, or undefined when the bytes are no whole header. Throws `durable/foreign-file` on another version. */
export function decodeFileHeader(bytes: Uint8Array, path: string): number | undefined {
  if (bytes.length < FILE_HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, FILE_HEADER_BYTES);
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) return undefined;
  if (view.getUint32(16, true) !== crc32c(bytes.subarray(0, 16))) return undefined;
  const version = view.getUint32(8, true);
  if (version !== VERSION) {
    throw new DurableError(
      'durable/foreign-file',
      `${path} is written in version ${version} of the record format, this program reads version ${VERSION}. Start the program that wrote it.`,
      { path, version },
    );
  }
  return view.getUint32(12, true);
}

export interface RecordHead {
  readonly length: number;
  readonly back: number;
  readonly payloadCrc: number;
}

/** Writes one record into `target` at `at`. `offset` is the record's offset in its file. */
export function encodeRecord(
  target: Uint8Array,
  at: number,
  record: { salt: number; offset: number; back: number; payload: Uint8Array },
): void {
  const { salt, offset, back, payload } = record;
  const view = new DataView(target.buffer, target.byteOffset + at, RECORD_HEAD_BYTES);
  view.setUint32(0, payload.length, true);
  view.setUint32(4, back, true);
  view.setUint32(8, crc32c(payload), true);
  view.setUint32(12, headCrc(salt, offset, target.subarray(at, at + 12)), true);
  target.set(payload, at + RECORD_HEAD_BYTES);
}

/** The head of the record at `offset`, whose 16 bytes stand in `bytes` at `at`; undefined when there is none. */
export function decodeRecordHead(
  bytes: Uint8Array,
  at: number,
  salt: number,
  offset: number,
): RecordHead | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, RECORD_HEAD_BYTES);
  if (view.getUint32(12, true) !== headCrc(salt, offset, bytes.subarray(at, at + 12))) {
    return undefined;
  }
  return {
    length: view.getUint32(0, true),
    back: view.getUint32(4, true),
    payloadCrc: view.getUint32(8, true),
  };
}

const seat = new Uint8Array(12);
const seatView = new DataView(seat.buffer);

function headCrc(salt: number, offset: number, words: Uint8Array): number {
  seatView.setUint32(0, salt, true);
  seatView.setUint32(4, offset % 0x1_0000_0000, true);
  seatView.setUint32(8, Math.floor(offset / 0x1_0000_0000), true);
  return crc32c(words, crc32c(seat));
}
