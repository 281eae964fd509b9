// A device: a key, a count of starts, a chain of signed packs and a journal. What it signs is durable before anybody sees
// it, and what nobody acknowledged is sent again, also by the next start.

import { join } from 'node:path';
import {
  AppError,
  type CryptoProvider,
  decodePack,
  encodePack,
  encodeToken,
  type Hash,
  isDeviceId,
  type PublicKey,
  packId,
  packReadings,
  type Reading,
  type SecretKey,
  TOKEN_LIFETIME_S_MAX,
} from '@suyuan/contracts';
import { type DiskPort, lockDirectory, nodeDisk } from '@suyuan/durable';
import type { Clock } from '../clock/clock.ts';
import type { RandomBytes } from '../random/random.ts';
import { nextBootEpoch } from './boot.ts';
import { type DeviceJournal, openDeviceJournal, type PackNumber } from './journal.ts';
import { createOutbox, type Outbox } from './outbox.ts';

export interface DeviceOptions {
  readonly id: string;
  readonly secret: SecretKey;
  /** The device's own directory; made when it is not there. */
  readonly directory: string;
  readonly crypto: CryptoProvider;
  /** The hash of the ledger's profile: pack ids are made with it. */
  readonly hash: Hash;
  /** The device's idea of time, right or wrong: readings of a live run carry it. */
  readonly clock: Clock;
  /** Time for tokens, when it is not `clock`: a device that replays last year connects today. */
  readonly tokenClock?: Clock;
  readonly random: RandomBytes;
  /** Packs that may wait for the broker. At the limit new ones are refused: see `record`. */
  readonly maxBacklog_packs?: number;
  /** What the first start in an empty directory is called, when the key has signed elsewhere before. */
  readonly firstBootEpoch?: number;
  readonly segment_bytes?: number;
  readonly disk?: DiskPort;
}

export interface RecordedPack extends PackNumber {
  readonly id: Uint8Array;
}

export interface DeviceStatus {
  readonly id: string;
  readonly bootEpoch: number;
  /** Packs signed, acknowledged and refused for want of room since this start; `waiting` includes earlier starts. */
  readonly signed: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly waiting: number;
}

export interface Device {
  readonly id: string;
  readonly bootEpoch: number;
  readonly publicKey: PublicKey;
  readonly clock: Clock;
  readonly outbox: Outbox;
  /**
   * Signs 1 to 128 readings as the next pack; resolves once it is durable. Packs follow each other in the order of the
   * calls. Throws `device/backlog-full` when the journal has no room: nothing is signed then, no number is used and the
   * refusal is counted. The older packs stay, so that what is kept is an unbroken stretch; the hole shows as missing time.
   */
  record(readings: readonly Reading[]): Promise<RecordedPack>;
  /** A fresh token for one connection (docs/formats.md §3). */
  token(): Uint8Array;
  /** Another pack of the same number: what only a tampered device signs. For faults. */
  twinOf(pack: Uint8Array): Uint8Array;
  status(): DeviceStatus;
  /** Waits for what is being written. The device signs nothing afterwards. */
  close(): Promise<void>;
}

/** Two years of hourly packs. */
const BACKLOG_PACKS = 20_000;
const NO_PREVIOUS = new Uint8Array(32);

/** Starts a device. Throws `device/*` for a directory that is not its own or damaged, `durable/locked` when it already runs. */
export async function createDevice(options: DeviceOptions): Promise<Device> {
  const { id, secret, directory, crypto, hash } = options;
  if (!isDeviceId(id)) {
    throw new AppError(
      'device/bad-id',
      'a device id has 4 to 30 of 0-9 A-Z a-z . _ - and starts with a letter or digit',
    );
  }
  const maxBacklog = options.maxBacklog_packs ?? BACKLOG_PACKS;
  const publicKey = crypto.publicKeyOf(secret);
  const disk = options.disk ?? nodeDisk;
  await disk.makeDirectory(directory);
  const lock = await lockDirectory(directory);
  let opened: DeviceJournal | undefined;
  try {
    const journal = await openDeviceJournal({
      directory: join(directory, 'journal'),
      deviceId: id,
      ...(options.segment_bytes === undefined ? {} : { segment_bytes: options.segment_bytes }),
      disk,
    });
    opened = journal;
    const { last } = journal.found;
    const bootEpoch = await nextBootEpoch({
      directory,
      deviceId: id,
      journaled: last?.bootEpoch ?? -1,
      first: options.firstBootEpoch ?? 1,
      disk,
    });
    const outbox = createOutbox(journal);
    let prev = last === undefined ? NO_PREVIOUS : packId(hash, last);
    let seq = 0;
    let refused = 0;
    let closed = false;

    return {
      id,
      bootEpoch,
      publicKey,
      clock: options.clock,
      outbox,
      record: async (readings) => {
        if (closed) throw closedError();
        if (outbox.waiting >= maxBacklog) {
          refused += 1;
          throw new AppError(
            'device/backlog-full',
            `${maxBacklog} packs wait already; connect the device, or raise maxBacklog_packs`,
            { refused },
          );
        }
        const number = { bootEpoch, seq };
        const bytes = encodePack(crypto, { secret, deviceId: id, ...number, prev, readings });
        // Number and chain move on before the first await: a second call cannot take the same.
        const name = packId(hash, decodePack(bytes));
        seq += 1;
        prev = name;
        await outbox.add(number, bytes);
        return { ...number, id: name };
      },
      token: () =>
        encodeToken(crypto, {
          secret,
          deviceId: id,
          now_ms: (options.tokenClock ?? options.clock).now_ms(),
          lifetime_s: TOKEN_LIFETIME_S_MAX,
          nonce: options.random(16),
        }),
      twinOf: (bytes) => {
        const pack = decodePack(bytes);
        const readings = packReadings(pack).map((reading, index) =>
          index === 0 ? { ...reading, value: nearby(reading.value) } : reading,
        );
        const { bootEpoch: boot, seq: same, prev: before } = pack;
        const content = { secret, deviceId: id, bootEpoch: boot, seq: same, prev: before };
        return encodePack(crypto, { ...content, readings });
      },
      status: () => ({
        id,
        bootEpoch,
        signed: seq,
        acknowledged: outbox.acknowledged,
        refused,
        waiting: outbox.waiting,
      }),
      close: async () => {
        if (closed) return;
        closed = true;
        try {
          await outbox.settle();
          outbox.shut(closedError());
          await journal.close();
        } finally {
          await lock.release();
        }
      },
    };
  } catch (error) {
    // The first error is the one to tell.
    await opened?.close().catch(() => {});
    await lock.release();
    throw error;
  }
}

/** A tenth of a degree lower, or of whatever it is: another value that is still possible. */
function nearby(value: number): number {
  return value >= 100 ? value - 100 : value + 100;
}

function closedError(): AppError {
  return new AppError('device/closed', 'the device was stopped; create it again');
}
