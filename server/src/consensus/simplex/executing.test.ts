// A block that the engine has executed and dropped again, upon the real engine.

import { bytesToHex } from '@suyuan/contracts';
import { expect, test } from 'vitest';
import { TREE_LIMITS } from '../../engine/tree.ts';
import { buildBlock } from '../../testing/build.ts';
import { certify, createMachine } from '../../testing/machine.ts';
import { accountTx, createWorld } from '../../testing/world.ts';
import { createEvidence } from './evidence.ts';
import { executeAgain, unexecuted } from './executing.ts';

test('it is executed again with those below it, as far as they are held', async () => {
  const world = createWorld();
  const ledger = await createMachine(world).open();
  const { host } = ledger;
  const evidence = createEvidence(0, 3);
  const chain = [];
  for (let slot = 0; slot < 3; slot++) {
    const block = await buildBlock(
      ledger,
      [accountTx(world, `farm-${slot}`)],
      chain.at(-1)?.blockHash,
    );
    chain.push(block);
    const { blockHash, headerBytes: header, txs, previous } = block;
    const message = {
      ...{ type: 'proposal' as const, epoch: 0, slot, block: blockHash },
      ...{ parentSlot: slot - 1, parentBlock: previous, body: { header, txs } },
      signature: new Uint8Array(64),
    };
    evidence.addCandidate(message, new Uint8Array(1), block.time_ms);
  }
  const last = chain[2]!;
  const id = bytesToHex(last.blockHash);
  expect(unexecuted(host, evidence, id)).toEqual([]);

  const head = host.head().blockHash;
  for (let n = 0; n < TREE_LIMITS.layers + 1; n++) {
    host.propose({ parent: head, proposer: 'carrier', time_ms: last.time_ms + 1 + n });
  }
  expect(chain.filter(({ blockHash }) => host.executed(blockHash) !== undefined)).toEqual([]);
  const held = unexecuted(host, evidence, id);
  expect(held.map(({ header }) => header)).toEqual(chain.map(({ headerBytes }) => headerBytes));
  await executeAgain(host, held);
  await host.commit(last.blockHash, certify(world, ledger, last.blockHash, 2));
  expect(ledger.height()).toBe(3);
  // In the chain already: nothing is to be done, and what is tried all the same says so.
  expect(unexecuted(host, evidence, id)).toEqual([]);
  await expect(executeAgain(host, held)).rejects.toMatchObject({ code: 'ledger/unknown-parent' });
});
