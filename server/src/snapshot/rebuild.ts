// What a node derives from the state: the genealogy of lots. The state names each lot's inputs, in any order; the index numbers a lot
// after its inputs.

import {
  AppError,
  decodeCbor,
  type Lot,
  lotKey,
  toLabelBatch,
  toLot,
  utf8ToBytes,
} from '@suyuan/contracts';
import type { StateDatabase } from '../storage/database.ts';
import { afterPrefix } from '../storage/keys.ts';
import { editIndex, lotCount, lotCountWrite, lotName, lotNumber } from '../storage/trace-index.ts';
import { keysFrom } from './export.ts';

/** Lots or label batches between two writes. */
const AT_ONCE = 2_048;

/** `pause` lets other work through. Throws `snapshot/bad-lots` where a lot's inputs are not in the state, or come from itself. */
export async function rebuildTraceIndex(
  db: StateDatabase,
  pause: () => Promise<void>,
): Promise<void> {
  if (lotCount(db) === undefined) await db.write([lotCountWrite(0)]);
  let editor = editIndex(db);
  let added = new Set<string>();
  let changes = 0;

  async function flush(): Promise<void> {
    await db.write(editor.writes());
    editor = editIndex(db);
    added = new Set();
    changes = 0;
    await pause();
  }

  const isKnown = (name: string): boolean => added.has(name) || lotNumber(db, name) !== undefined;
  for (const key of keysWith(db, 'lots/')) {
    for (const lot of inputsFirst(db, key, isKnown)) {
      editor.add(lot);
      added.add(lotName(lot.gtin, lot.lot));
      changes += 1;
    }
    if (changes >= AT_ONCE) await flush();
  }
  await flush();
  for (const key of keysWith(db, 'labels/')) {
    const { gtin, lot, issuer, moves } = toLabelBatch(decodeCbor(db.get('state', key)!));
    editor.present(lotName(gtin, lot), [{ holder: issuer }, ...moves]);
    changes += 1;
    if (changes >= AT_ONCE) await flush();
  }
  await flush();
}

interface Open {
  readonly name: string;
  readonly lot: Lot;
  next: number;
}

/** The lot under `key` and all it was made from that is not known yet, each after its inputs. */
function* inputsFirst(
  db: StateDatabase,
  key: Uint8Array,
  isKnown: (name: string) => boolean,
): Generator<Lot> {
  const first = readLot(db, key);
  const open: Open[] = [];
  const isOpen = new Set<string>();
  const begin = (lot: Lot): void => {
    const name = lotName(lot.gtin, lot.lot);
    if (isKnown(name)) return;
    if (isOpen.has(name)) throw badLots(name);
    isOpen.add(name);
    open.push({ name, lot, next: 0 });
  };
  begin(first);
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const input = top.lot.inputs[top.next];
    if (input !== undefined) {
      top.next += 1;
      begin(readLot(db, utf8ToBytes(lotKey(input.gtin, input.lot))));
      continue;
    }
    open.pop();
    isOpen.delete(top.name);
    yield top.lot;
  }
}

function readLot(db: StateDatabase, key: Uint8Array): Lot {
  const bytes = db.get('state', key);
  if (bytes === undefined) throw badLots(new TextDecoder().decode(key));
  return toLot(decodeCbor(bytes));
}

function keysWith(db: StateDatabase, prefix: string): Generator<Uint8Array> {
  const start = utf8ToBytes(prefix);
  return keysFrom(db, start, afterPrefix(start));
}

function badLots(lot: string): AppError {
  return new AppError(
    'snapshot/bad-lots',
    'A lot of the snapshot was made from one that is not in it, or from itself: this program cannot use it.',
    { lot },
  );
}
