// Certificates that stand for several blocks, in logs of others that are made of runs in any way: what is above the database stays
// bounded, and no log that was written stays shut.

import { type Block, VIA_MAX } from '@suyuan/contracts';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { openBlockLog } from '../storage/block-log.ts';
import { commitBlock } from '../testing/build.ts';
import { createMachine } from '../testing/machine.ts';
import { createWorld } from '../testing/world.ts';
import type { Ledger } from './ledger.ts';

const COUNT = 70;
const world = createWorld();
let source: Ledger;
let blocks: Block[] = [];

beforeAll(async () => {
  source = await createMachine(world).open();
  for (let i = 0; i < COUNT; i++) await commitBlock(world, source, [], world.keys);
  blocks = Array.from({ length: COUNT }, (_, i) => source.host.block(i + 1)!);
});

/** The block under the certificate of the one `ahead` blocks later. */
function under(height: number, ahead: number): Block {
  const last = Math.min(COUNT, height + ahead);
  return {
    ...blocks[height - 1]!,
    certificate: blocks[last - 1]!.certificate,
    via: blocks.slice(height, last).map(({ header }) => header),
  };
}

const waiting = (ledger: Ledger) => ledger.host.head().height - ledger.height();

test('each block under the certificate of the next: taken, and settled all the same', async () => {
  const ledger = await createMachine(world).open();
  for (let height = 1; height < COUNT; height++) {
    await ledger.host.take(under(height, 1));
    expect(waiting(ledger)).toBeLessThanOrEqual(1);
  }
  await ledger.host.take(blocks[COUNT - 1]!);
  expect(ledger.height()).toBe(COUNT);
  expect(ledger.stateRoot()).toEqual(source.stateRoot());
});

test('a log that was written so before is read to its end', async () => {
  const machine = createMachine(world);
  await (await machine.open()).close();
  const log = await openBlockLog('/node', { disk: machine.disk, onTail: () => {} });
  for (let height = 1; height < COUNT; height++) await log.append([under(height, 1)]);
  await log.close();
  const ledger = await machine.open();
  expect(ledger.host.head().height).toBe(COUNT - 1);
  expect(waiting(ledger)).toBeLessThanOrEqual(1);
  await ledger.host.take(blocks[COUNT - 1]!);
  expect(ledger.height()).toBe(COUNT);
  expect(ledger.stateRoot()).toEqual(source.stateRoot());
});

test('any runs of any peers, and restarts between: never more than a run waits, and all of it is in the log by itself', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ ahead: fc.nat(VIA_MAX), restart: fc.boolean() }), {
        minLength: 30,
        maxLength: 30,
      }),
      async (steps) => {
        const machine = createMachine(world);
        let ledger = await machine.open();
        for (const [i, { ahead, restart }] of steps.entries()) {
          await ledger.host.take(under(i + 1, ahead));
          expect(waiting(ledger)).toBeLessThanOrEqual(VIA_MAX);
          if (!restart) continue;
          const { blockHash } = ledger.host.head();
          await ledger.close();
          ledger = await machine.open();
          expect(ledger.host.head().blockHash).toEqual(blockHash);
        }
        // Its own log is another's: each block of it verifies there.
        const next = await createMachine(world).open();
        for (let height = 1; height <= steps.length; height++) {
          await next.host.take(ledger.host.block(height)!);
        }
        expect(next.height()).toBe(ledger.height());
      },
    ),
    { numRuns: 15 },
  );
});

test('a certificate of its own ends the wait; one that is none is refused, and so is another block in its place', async () => {
  const ledger = await createMachine(world).open();
  await ledger.host.take(under(1, 10));
  const none = { ...blocks[1]!, certificate: blocks[2]!.certificate };
  await expect(ledger.host.take(none)).rejects.toMatchObject({ code: 'certificate/other-block' });
  await expect(ledger.host.take(under(3, 2))).rejects.toMatchObject({ code: 'ledger/bad-block' });
  expect(ledger.host.block(2)).toBeUndefined();
  await ledger.host.take(blocks[1]!);
  expect(ledger.height()).toBe(2);
  expect(ledger.failure()).toBeUndefined();
});
