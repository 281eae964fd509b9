// The power goes between any two calls of the disk while blocks are committed in runs, and takes the newest writes of the database
// along: what was committed is there again, and the state is the one that a node has that never stood still.

import { bytesToHex } from '@suyuan/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ProposedBlock } from '../consensus/port.ts';
import { buildBlock } from '../testing/build.ts';
import { certify, createMachine } from '../testing/machine.ts';
import { accountTx, anchorTx, createWorld } from '../testing/world.ts';

const crash = fc.record({
  /** Lengths of the runs that are committed. */
  runs: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
  calls: fc.integer({ min: 1, max: 12 }),
  keep: fc.nat(4),
  noise: fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
});

test('after a loss of power every committed block is there, and the rest can be committed again', async () => {
  await fc.assert(
    fc.asyncProperty(crash, async ({ runs, calls, keep, noise }) => {
      const world = createWorld();
      const steady = createMachine(world);
      const leader = await steady.open();
      const machine = createMachine(world, () => noise.next().value ?? 0);
      let ledger = await machine.open();
      let committed = 0;
      let n = 0;
      machine.disk.losePowerAfter(calls);
      const lost = async () => {
        machine.disk.restart();
        machine.database.crash(keep);
        ledger = await machine.open();
        expect(ledger.host.head().height).toBeGreaterThanOrEqual(committed);
      };
      for (const length of runs) {
        const blocks: ProposedBlock[] = [];
        for (let i = 0; i < length; i += 1, n += 1) {
          const txs = [accountTx(world, `farm-${n}`), anchorTx(world, n)];
          blocks.push(await buildBlock(leader, txs, blocks.at(-1)?.blockHash));
        }
        const last = blocks.at(-1)!;
        const certificate = certify(world, leader, last.blockHash, n);
        const commit = async () => {
          for (const { height, headerBytes, txs } of blocks) {
            if (height > ledger.host.head().height) await ledger.host.validate(headerBytes, txs);
          }
          await ledger.host.commit(last.blockHash, certificate);
          committed = last.height;
        };
        try {
          await commit();
        } catch {
          await lost();
          await commit();
        }
        await leader.host.commit(last.blockHash, certificate);
        expect(bytesToHex(ledger.stateRoot())).toBe(bytesToHex(leader.stateRoot()));
      }
      machine.disk.restart();
      machine.database.crash(keep);
      const end = await machine.open();
      expect(bytesToHex(end.stateRoot())).toBe(bytesToHex(leader.stateRoot()));
      expect(end.host.head().height).toBe(committed);
      for (let height = 1; height <= committed; height += 1) {
        expect(end.block(height)).toEqual(leader.block(height));
      }
    }),
    { numRuns: 40 },
  );
});
