import { createHash } from 'node:crypto';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createDeflateRaw } from 'node:zlib';
import { AppError } from '@suyuan/contracts';

// APPNOTE.TXT 4.3 without zip64: local headers with sizes behind the data (bit 3), names in UTF-8 (bit 11).

export interface ZipPart {
  /** Path inside the file, with `/`. */
  readonly name: string;
  readonly data: Uint8Array | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** For data that is compressed already. Default false. */
  readonly stored?: boolean;
}

export interface ZipPartDigest {
  readonly name: string;
  readonly size_bytes: number;
  /** Hex. */
  readonly sha256: string;
}

export interface WriteZipOptions {
  readonly created_ms: number;
  /** Name of a last part that lists the others with their SHA-256, as JSON. */
  readonly manifest?: string;
}

const PARTS_MAX = 10_000;
const SIZE_MAX = 0xffff_fffe;
const FLAGS = 0x0808;
const VERSION = 20;
const NAME = /^(?!\/)(?!.*(?:^|\/)\.{1,2}(?:\/|$))[^\\\p{Cc}:*?"<>|]{1,200}$/u;

/** MS-DOS time, in UTC so that the same input gives the same file. */
function dosTime(time_ms: number): number {
  const t = new Date(time_ms);
  const year = Math.min(Math.max(t.getUTCFullYear() - 1980, 0), 127);
  const date = (year << 9) | ((t.getUTCMonth() + 1) << 5) | t.getUTCDate();
  const time = (t.getUTCHours() << 11) | (t.getUTCMinutes() << 5) | (t.getUTCSeconds() >> 1);
  return date * 0x10000 + time;
}

function record(...fields: (readonly [bytes: 2 | 4, value: number])[]): Buffer {
  const buffer = Buffer.alloc(fields.reduce((sum, [bytes]) => sum + bytes, 0));
  let at = 0;
  for (const [bytes, value] of fields) at = buffer.writeUIntLE(value, at, bytes);
  return buffer;
}

interface Written extends ZipPartDigest {
  readonly central: Buffer;
}

class ZipWriter {
  readonly written: Written[] = [];
  readonly #names = new Set<string>();
  readonly #time: number;
  #offset = 0;

  constructor(created_ms: number) {
    this.#time = dosTime(created_ms);
  }

  #count<T extends Uint8Array>(chunk: T): T {
    this.#offset += chunk.length;
    if (this.#offset > SIZE_MAX)
      throw new AppError('zip/too-large', 'A zip file ends at 4 GiB: pack less into it.');
    return chunk;
  }

  async *part(part: ZipPart): AsyncGenerator<Uint8Array> {
    if (!NAME.test(part.name) || this.#names.has(part.name) || this.written.length >= PARTS_MAX) {
      throw new AppError(
        'zip/bad-name',
        'Parts of a zip file need plain relative names, each once.',
        {
          name: part.name.slice(0, 80),
        },
      );
    }
    this.#names.add(part.name);
    const name = Buffer.from(part.name, 'utf8');
    const method = part.stored ? 0 : 8;
    const start = this.#offset;
    const sha256 = createHash('sha256');
    let crc = 0;
    let size = 0;
    const source = part.data instanceof Uint8Array ? [part.data] : part.data;
    async function* counted() {
      for await (const chunk of source) {
        crc = crc32(chunk, crc);
        size += chunk.length;
        if (size > SIZE_MAX)
          throw new AppError('zip/too-large', 'A zip file ends at 4 GiB: pack less into it.');
        sha256.update(chunk);
        yield chunk;
      }
    }
    const common = [
      [2, VERSION],
      [2, FLAGS],
      [2, method],
      [4, this.#time],
    ] as const;
    yield this.#count(
      record([4, 0x04034b50], ...common, [4, 0], [4, 0], [4, 0], [2, name.length], [2, 0]),
    );
    yield this.#count(name);
    const dataStart = this.#offset;
    if (part.stored) for await (const chunk of counted()) yield this.#count(chunk);
    else {
      const deflate = createDeflateRaw();
      // Errors of the source reach the reader of `deflate`.
      pipeline(Readable.from(counted()), deflate).catch(() => undefined);
      for await (const chunk of deflate as AsyncIterable<Buffer>) yield this.#count(chunk);
    }
    const packed = this.#offset - dataStart;
    yield this.#count(record([4, 0x08074b50], [4, crc], [4, packed], [4, size]));
    const fields = record(
      [4, 0x02014b50],
      [2, VERSION],
      ...common,
      [4, crc],
      [4, packed],
      [4, size],
      [2, name.length],
      [2, 0],
      [2, 0],
      [2, 0],
      [2, 0],
      [4, 0],
      [4, start],
    );
    this.written.push({
      name: part.name,
      size_bytes: size,
      sha256: sha256.digest('hex'),
      central: Buffer.concat([fields, name]),
    });
  }

  *end(): Generator<Uint8Array> {
    const start = this.#offset;
    for (const { central } of this.written) yield this.#count(central);
    const size = this.#offset - start;
    const count = this.written.length;
    yield record(
      [4, 0x06054b50],
      [2, 0],
      [2, 0],
      [2, count],
      [2, count],
      [4, size],
      [4, start],
      [2, 0],
    );
  }
}

/** Writes a zip file to `out` part by part, and ends it. Returns what it holds. Throws `zip/…` or the error of `out` or of a part. */
export async function writeZip(
  out: Writable,
  parts: AsyncIterable<ZipPart> | Iterable<ZipPart>,
  options: WriteZipOptions,
): Promise<ZipPartDigest[]> {
  const zip = new ZipWriter(options.created_ms);
  const digests = () =>
    zip.written.map(({ name, size_bytes, sha256 }) => ({ name, size_bytes, sha256 }));
  async function* chunks() {
    for await (const part of parts) yield* zip.part(part);
    if (options.manifest !== undefined) {
      const manifest = {
        v: 1,
        created: new Date(options.created_ms).toISOString(),
        files: digests(),
      };
      yield* zip.part({
        name: options.manifest,
        data: Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`),
      });
    }
    yield* zip.end();
  }
  await pipeline(Readable.from(chunks(), { objectMode: true, highWaterMark: 1 }), out);
  return digests();
}
