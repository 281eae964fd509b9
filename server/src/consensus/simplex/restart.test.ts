import { expect, it } from 'vitest';
import { silentLogger } from '../../engine/logger.ts';
import { encodeMessage } from '../messages/index.ts';
import { createEvidence } from './evidence.ts';
import { recall } from './restart.ts';

it('leaves out a candidate of the journal whose header cannot be read, and says so', () => {
  const block = new Uint8Array(32).fill(1);
  const signature = new Uint8Array(64);
  const proposal = { type: 'proposal', epoch: 0, block, parentBlock: block, signature } as const;
  const empty = { header: new Uint8Array(), txs: [] };
  const records = [
    encodeMessage({ ...proposal, slot: 3, parentSlot: 2, body: empty }),
    encodeMessage({ ...proposal, slot: 4, parentSlot: 3, body: null }),
  ].map((message, i) => ({ type: 'candidate', epoch: 0, slot: 3 + i, message }) as const);
  const evidence = createEvidence(0, 3);
  const warned: unknown[] = [];
  const logger = { ...silentLogger, warn: (what: object) => void warned.push(what) };
  const events = recall(records, evidence, -1, logger);
  expect(events).toMatchObject([{ type: 'candidate', slot: 4 }]);
  expect(warned).toEqual([{ slot: 3 }]);
  expect(evidence.candidatesOf(3)).toEqual([]);
});
