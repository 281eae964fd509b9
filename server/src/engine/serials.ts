// Units of label batches: a serial list is taken when it hashes to the root that the ledger holds, and each serial then finds
// its batch, its place and the proof of both.

import { join } from 'node:path';
import {
  AppError,
  asArray,
  asBytes,
  asText,
  asUint,
  bytesToHex,
  decodeCbor,
  encodeCbor,
  equalBytes,
  getLabelBatch,
  type Hash,
  hexToBytes,
  inclusionProofFromNodes,
  type LabelBatch,
  leafHash,
  type UnitProof,
  unitLeaf,
} from '@suyuan/contracts';
import type { Snapshot, StateDatabase, TableWrite } from '../storage/database.ts';
import { namesKey } from '../storage/keys.ts';
import {
  buildLevels,
  levelsRoot,
  levelWrites,
  nextTurn,
  storedNodes,
} from '../storage/log-levels.ts';
import {
  listSerialFiles,
  readSerialFile,
  type SerialList,
  writeSerialFile,
} from '../storage/serial-files.ts';
import { stateReader } from '../storage/state.ts';
import type { NodeLogger } from './logger.ts';

const WAITING_MAX = 8;
/** Units written to the state database at once. */
const WRITE_UNITS = 4_096;
/** Units looked up between two turns of the event loop. */
const READ_UNITS = 1_024;

export interface Serials {
  /** Throws `labels/unknown-batch`, `labels/wrong-serials`, `labels/serial-taken` or `labels/busy`. */
  put(list: SerialList): Promise<void>;
  unitProof(gtin: string, lot: string, serial: string): UnitProof | undefined;
  /** Indexes lists whose files are there but which the state database does not know. */
  recover(): Promise<void>;
}

export function createSerials(parts: {
  readonly db: StateDatabase;
  readonly hash: Hash;
  readonly directory: string;
  readonly logger: NodeLogger;
}): Serials {
  const { db, hash, logger } = parts;
  const directory = join(parts.directory, 'serials');
  let queue: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  async function index(list: SerialList, keepFile: boolean): Promise<void> {
    const { gtin, lot, batch, serials, commitments } = list;
    const label = requireBatch(db, list);
    if (serials.length !== label.count) throw wrong(label);
    if (label.hidden !== (commitments !== undefined)) throw wrong(label);
    if (commitments !== undefined && commitments.length !== label.count) throw wrong(label);
    if (db.get('unit-batches', label.root) !== undefined) {
      await assertStored(list, label);
      return;
    }
    await assertDistinct(serials, label);
    const levels = await buildLevels(hash, serials.length, (i) =>
      leafHash(hash, unitLeaf(gtin, lot, serials[i]!, commitments?.[i])),
    );
    if (!equalBytes(levelsRoot(hash, levels), label.root)) throw wrong(label);
    await assertFree(list);
    if (keepFile) await writeSerialFile(directory, label.root, list);
    await db.write(levelWrites(label.root, levels));
    for (let begin = 0; begin < serials.length; begin += WRITE_UNITS) {
      const writes = serials.slice(begin, begin + WRITE_UNITS).map(
        (serial, i): TableWrite => ({
          table: 'units',
          key: namesKey(gtin, lot, serial),
          value: unitValue(list, begin + i),
        }),
      );
      await db.write(writes);
    }
    const done = encodeCbor([gtin, lot, batch]);
    await db.write([{ table: 'unit-batches', key: label.root, value: done }]);
  }

  /** The list is there already: it is the same one, or wrong. Ends at the first serial that differs, without hashing. */
  async function assertStored(list: SerialList, label: LabelBatch) {
    const { gtin, lot, batch, serials, commitments } = list;
    for (const [i, serial] of serials.entries()) {
      const unit = readUnit(db, gtin, lot, serial);
      if (unit?.batch !== batch || unit.index !== i) throw wrong(label);
      const commitment = commitments?.[i];
      if (commitment !== undefined && !equalBytes(unit.hidden ?? NONE, commitment)) {
        throw wrong(label);
      }
      if (i % READ_UNITS === READ_UNITS - 1) await nextTurn();
    }
  }

  /** A serial names one unit of its lot, so no two batches of the lot may hold it. */
  async function assertFree({ gtin, lot, batch, serials }: SerialList): Promise<void> {
    for (const [i, serial] of serials.entries()) {
      const unit = readUnit(db, gtin, lot, serial);
      if (unit !== undefined && unit.batch !== batch) {
        throw new AppError(
          'labels/serial-taken',
          `Serial ${serial} belongs to batch ${unit.batch} of this lot. Two labels of one serial cannot be told apart: reprint one of the batches.`,
          { serial, batch: unit.batch },
        );
      }
      if (i % READ_UNITS === READ_UNITS - 1) await nextTurn();
    }
  }

  return {
    async put(list) {
      if (waiting >= WAITING_MAX) {
        throw new AppError('labels/busy', 'Other serial lists are being taken in; send it again.');
      }
      waiting += 1;
      const turn = queue.then(() => index(list, true));
      queue = turn.catch(() => {});
      try {
        await turn;
      } finally {
        waiting -= 1;
      }
    },
    unitProof: (gtin, lot, serial) =>
      db.snapshot((at) => {
        const unit = readUnit(at, gtin, lot, serial);
        if (unit === undefined) return undefined;
        const label = getLabelBatch(stateReader(at), gtin, lot, unit.batch);
        if (label === undefined || at.get('unit-batches', label.root) === undefined) {
          return undefined;
        }
        const nodes = storedNodes(at, label.root);
        return { ...unit, proof: inclusionProofFromNodes(hash, nodes, unit.index, label.count) };
      }),
    async recover() {
      for (const root of await listSerialFiles(directory)) {
        if (db.get('unit-batches', hexToBytes(root)) !== undefined) continue;
        try {
          await index(await readSerialFile(directory, root), false);
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          logger.warn(
            { root, code: error.code },
            'A serial list on disk fits no label batch; it was left out. Send it again.',
          );
        }
      }
    },
  };
}

async function assertDistinct(serials: readonly string[], label: LabelBatch): Promise<void> {
  const seen = new Set<string>();
  for (const [i, serial] of serials.entries()) {
    seen.add(serial);
    if (i % WRITE_UNITS === WRITE_UNITS - 1) await nextTurn();
  }
  if (seen.size !== serials.length) throw wrong(label);
}

const NONE = new Uint8Array();

function unitValue({ batch, commitments }: SerialList, index: number): Uint8Array {
  const commitment = commitments?.[index];
  return encodeCbor(commitment === undefined ? [batch, index] : [batch, index, commitment]);
}

function readUnit(
  at: Snapshot,
  gtin: string,
  lot: string,
  serial: string,
): { batch: string; index: number; hidden?: Uint8Array } | undefined {
  const names = [gtin, lot, serial];
  if (names.some((name) => name.length > 20 || name.includes('\0'))) return undefined;
  const bytes = at.get('units', namesKey(...names));
  if (bytes === undefined) return undefined;
  const items = asArray(decodeCbor(bytes), 'unit', 3);
  return {
    batch: asText(items[0], 'batch', 20),
    index: asUint(items[1], 'index'),
    ...(items[2] === undefined ? {} : { hidden: asBytes(items[2], 'commitment', 32) }),
  };
}

function requireBatch(at: Snapshot, { gtin, lot, batch }: SerialList): LabelBatch {
  const label = getLabelBatch(stateReader(at), gtin, lot, batch);
  if (label !== undefined) return label;
  throw new AppError(
    'labels/unknown-batch',
    'The ledger has no such label batch; issue it first, then send its serials.',
    { gtin, lot, batch },
  );
}

function wrong({ root, count, hidden }: LabelBatch): AppError {
  const what = hidden ? 'serials and the commitments to their hidden codes' : 'serials';
  return new AppError(
    'labels/wrong-serials',
    `The list must hold ${count} ${what}, each once, in the order in which they were issued, and hash to ${bytesToHex(root)}.`,
    { count, root: bytesToHex(root) },
  );
}
