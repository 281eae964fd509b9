// Builds the index of a genealogy by the server's own code, in a process of its own:  build.ts DIRECTORY LOTS
// What it maps and keeps is then not in the memory of the process that measures.

import { editIndex, type IndexedLot, lotCountWrite, openStateDatabase } from '@suyuan/server';
import { type BenchLot, firstLots, gtinOf, lotTextOf } from './genealogy.ts';

/** As a large block would write it. */
const LOTS_AT_ONCE = 4_000;
const GROWERS = 20;

function toIndexed({ number, stage, made, inputs }: BenchLot): IndexedLot {
  const who = stage === 'harvest' ? `grower-${number % GROWERS}` : 'packer';
  return {
    gtin: gtinOf(stage),
    lot: lotTextOf(stage, number),
    made,
    place: stage === 'harvest' ? `69012345${10_000 + (number % GROWERS)}` : '6901234500103',
    maker: who,
    inputs: inputs.map((input) => ({
      gtin: gtinOf(input.stage),
      lot: lotTextOf(input.stage, input.number),
      amount: input.amount,
    })),
    moves: [],
  };
}

async function build(directory: string, count: number): Promise<void> {
  const db = await openStateDatabase(directory);
  await db.write([lotCountWrite(0)]);
  const lots = firstLots(count);
  for (let done = 0; done < count; ) {
    const index = editIndex(db);
    for (let i = 0; i < LOTS_AT_ONCE && done < count; i++, done++) {
      const lot = lots.next();
      if (lot.done === true) throw new Error('the genealogy ended early');
      index.add(toIndexed(lot.value));
    }
    await db.write(index.writes());
  }
  await db.close();
}

const [directory = '', count = ''] = process.argv.slice(2);
await build(directory, Number(count));
