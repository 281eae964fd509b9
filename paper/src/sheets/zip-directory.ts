import { Readable, type Transform } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { AppError } from '@suyuan/contracts';
import type { ByteSource } from './byte-source.ts';

// APPNOTE.TXT 4.3: end of central directory, central file headers, local headers. Sizes are taken from the directory and
// enforced while inflating, so a file that lies about them gains nothing.

export interface ZipEntry {
  readonly name: string;
  readonly packed_bytes: number;
  readonly unpacked_bytes: number;
  readonly method: number;
  readonly crc: number;
  readonly offset: number;
}

const END_SIGNATURE = 0x06054b50;
const CENTRAL_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_BYTES = 22;
const COMMENT_MAX = 0xffff;
/** Workbooks have a few dozen parts. */
const ENTRIES_MAX = 2000;
const DIRECTORY_MAX_BYTES = 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;

function damaged(what: string): AppError {
  return new AppError(
    'table/damaged',
    `This is no whole workbook (${what}): save it again as xlsx.`,
  );
}

const viewOf = (bytes: Uint8Array) =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** All entries of a zip file by name. Throws `table/damaged`. */
export async function readZipDirectory(source: ByteSource): Promise<Map<string, ZipEntry>> {
  const tailBytes = Math.min(source.size_bytes, END_BYTES + COMMENT_MAX);
  const tail = viewOf(await source.read(source.size_bytes - tailBytes, tailBytes));
  let end = tailBytes - END_BYTES;
  while (end >= 0 && tail.getUint32(end, true) !== END_SIGNATURE) end--;
  if (end < 0) throw damaged('no directory');
  const count = tail.getUint16(end + 10, true);
  const size = tail.getUint32(end + 12, true);
  const offset = tail.getUint32(end + 16, true);
  if (count > ENTRIES_MAX || size > DIRECTORY_MAX_BYTES) throw damaged('too many parts');
  const directory = await source.read(offset, size);
  const view = viewOf(directory);
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > size || view.getUint32(at, true) !== CENTRAL_SIGNATURE)
      throw damaged('directory');
    const nameBytes = view.getUint16(at + 28, true);
    const rest = view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (at + 46 + nameBytes + rest > size) throw damaged('directory');
    const name = new TextDecoder().decode(directory.subarray(at + 46, at + 46 + nameBytes));
    if ((view.getUint16(at + 8, true) & 1) !== 0) throw damaged('encrypted');
    if (entries.has(name)) throw damaged('a part twice');
    entries.set(name, {
      name,
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packed_bytes: view.getUint32(at + 20, true),
      unpacked_bytes: view.getUint32(at + 24, true),
      offset: view.getUint32(at + 42, true),
    });
    at += 46 + nameBytes + rest;
  }
  return entries;
}

async function* packedChunks(source: ByteSource, from: number, length: number) {
  for (let done = 0; done < length; done += CHUNK_BYTES) {
    yield await source.read(from + done, Math.min(CHUNK_BYTES, length - done));
  }
}

/** The unpacked bytes of an entry, as many as the directory says and not one more. Throws `table/damaged`. */
export async function* readZipEntry(
  source: ByteSource,
  entry: ZipEntry,
): AsyncGenerator<Uint8Array> {
  if (entry.method !== 0 && entry.method !== 8) throw damaged('unknown compression');
  const head = viewOf(await source.read(entry.offset, 30));
  if (head.getUint32(0, true) !== LOCAL_SIGNATURE) throw damaged('a part is missing');
  const from = entry.offset + 30 + head.getUint16(26, true) + head.getUint16(28, true);
  const packed = packedChunks(source, from, entry.packed_bytes);
  let unpacked: AsyncIterable<Uint8Array> = packed;
  let input: Readable | null = null;
  let inflate: Transform | null = null;
  if (entry.method === 8) {
    const output: Transform = createInflateRaw({ chunkSize: CHUNK_BYTES });
    input = Readable.from(packed);
    input.on('error', (error) => output.destroy(error));
    inflate = input.pipe(output);
    unpacked = output;
  }
  let count = 0;
  let crc = 0;
  try {
    for await (const chunk of unpacked) {
      count += chunk.length;
      if (count > entry.unpacked_bytes) throw damaged('a part is larger than it says');
      crc = crc32(chunk, crc);
      yield chunk;
    }
  } catch (error) {
    throw error instanceof AppError ? error : damaged('a part cannot be unpacked');
  } finally {
    input?.destroy();
    inflate?.destroy();
  }
  if (count !== entry.unpacked_bytes || crc !== entry.crc) throw damaged('a part is cut off');
}
