// The device's own memory: every pack it signed and the broker has not acknowledged, and always the last one, from which
// the chain goes on. MQTT's session is not asked to remember anything.
//
// Records of the log: 0x01 ‖ pack bytes, and 0x02 ‖ CBOR [bootEpoch, seq], which says that the broker has all packs up to
// and including that one. A mark that is lost costs a second sending, never a pack.

import {
  AppError,
  type DecodedPack,
  decodeCbor,
  decodePack,
  encodeCbor,
  PACK_SIZE_BYTES_MAX,
} from '@suyuan/contracts';
import { type DiskPort, openSegmentedLog, type SegmentPosition } from '@suyuan/durable';

const PACK = 1;
const MARK = 2;

/** A pack's place in the device's life; the pair is used once. */
export interface PackNumber {
  readonly bootEpoch: number;
  readonly seq: number;
}

export interface JournaledPack extends PackNumber {
  readonly position: SegmentPosition;
}

export interface DeviceJournal {
  /** What was found at opening: packs that no mark covers, oldest first, and the last pack of all. */
  readonly found: { readonly pending: readonly JournaledPack[]; readonly last?: DecodedPack };
  /** Resolves with the pack's position once it is durable. Calls are written in their order. */
  appendPack(bytes: Uint8Array): Promise<SegmentPosition>;
  /** Resolves once it is durable that all packs up to `number` are acknowledged. */
  appendMark(number: PackNumber): Promise<void>;
  readPack(position: SegmentPosition): Promise<Uint8Array>;
  /** Gives back the space of whole segments before `position`. */
  compact(position: SegmentPosition): Promise<void>;
  close(): Promise<void>;
}

export interface JournalOptions {
  readonly directory: string;
  readonly deviceId: string;
  readonly segment_bytes?: number;
  readonly disk?: DiskPort;
}

/** A device's flash is small: many short segments give space back sooner. */
const SEGMENT_BYTES = 1024 * 1024;

/** -1, 0 or 1 as `a` was signed before, as or after `b`. */
export function comparePackNumbers(a: PackNumber, b: PackNumber): number {
  return Math.sign(a.bootEpoch - b.bootEpoch || a.seq - b.seq);
}

/** Opens or makes the journal. Throws `device/journal-damaged` or `durable/*`. */
export async function openDeviceJournal(options: JournalOptions): Promise<DeviceJournal> {
  const pending: JournaledPack[] = [];
  // Marks grow, so what they cover leaves from the front.
  let covered = 0;
  let last: DecodedPack | undefined;
  const log = await openSegmentedLog(
    {
      directory: options.directory,
      maxRecord_bytes: PACK_SIZE_BYTES_MAX + 1,
      segment_bytes: options.segment_bytes ?? SEGMENT_BYTES,
      ...(options.disk === undefined ? {} : { disk: options.disk }),
    },
    (record, position) => {
      if (record[0] === MARK) {
        const mark = toMark(record, options.directory);
        for (let first = pending[covered]; first !== undefined; first = pending[covered]) {
          if (comparePackNumbers(first, mark) > 0) break;
          covered += 1;
        }
        return;
      }
      const pack = toPack(record, options);
      if (last !== undefined && comparePackNumbers(last, pack) >= 0) damaged(options.directory);
      last = pack;
      pending.push({ bootEpoch: pack.bootEpoch, seq: pack.seq, position });
    },
  );
  return {
    found: { pending: pending.slice(covered), ...(last === undefined ? {} : { last }) },
    appendPack: (bytes) => log.append(tagged(PACK, bytes)),
    appendMark: async (number) => {
      await log.append(tagged(MARK, encodeCbor([number.bootEpoch, number.seq])));
    },
    readPack: async (position) => (await log.read(position)).subarray(1),
    compact: (position) => log.dropBefore(position),
    close: () => log.close(),
  };
}

function tagged(kind: number, bytes: Uint8Array): Uint8Array {
  const record = new Uint8Array(bytes.length + 1);
  record[0] = kind;
  record.set(bytes, 1);
  return record;
}

function toPack(record: Uint8Array, { directory, deviceId }: JournalOptions): DecodedPack {
  if (record[0] !== PACK) damaged(directory);
  let pack: DecodedPack;
  try {
    // The log may lend its buffer; the last pack outlives the call.
    pack = decodePack(record.slice(1));
  } catch (cause) {
    return damaged(directory, cause);
  }
  if (pack.deviceId !== deviceId) {
    throw new AppError(
      'device/foreign-directory',
      `${directory} is the journal of another device; give each device a directory of its own`,
    );
  }
  return pack;
}

function toMark(record: Uint8Array, directory: string): PackNumber {
  let value: unknown;
  try {
    value = decodeCbor(record.subarray(1));
  } catch (cause) {
    return damaged(directory, cause);
  }
  const [bootEpoch, seq] = Array.isArray(value) ? (value as unknown[]) : [];
  if (typeof bootEpoch !== 'number' || typeof seq !== 'number') return damaged(directory);
  return { bootEpoch, seq };
}

function damaged(directory: string, cause?: unknown): never {
  throw new AppError(
    'device/journal-damaged',
    `the journal in ${directory} holds what no device wrote; put it back from a copy, or register a new device key`,
    {},
    cause,
  );
}
