import { AppError } from '@suyuan/contracts';
import { expect, it } from 'vitest';
import type { CoreEvent, Statement } from '../core/types.ts';
import type { ProposalMessage } from '../messages/index.ts';
import type { SignedStatement, Signer } from '../signer/port.ts';
import { createFakeCrypto, secretOf } from '../testing/fake-crypto.ts';
import { createCasting } from './casting.ts';
import { createEvidence } from './evidence.ts';

const BLOCK = 'ab'.repeat(32);

it('a final vote without the notar vote that a full guard file refused is not asked for, and the voice comes back', async () => {
  const asked: SignedStatement[] = [];
  const failures: unknown[] = [];
  const mutes: (string | null)[] = [];
  const counted: CoreEvent[] = [];
  let isFull = true;
  const evidence = createEvidence(0, 3);
  const block = new Uint8Array(32).fill(0xab);
  const candidate: ProposalMessage = {
    ...{ type: 'proposal', epoch: 0, slot: 1, block, parentSlot: 0, parentBlock: block },
    ...{ body: null, signature: new Uint8Array(64) },
  };
  for (const slot of [1, 2]) evidence.addCandidate({ ...candidate, slot }, block, 0);
  const casting = createCasting({
    epoch: 0,
    self: 1,
    signer: signerOf(asked, () => isFull),
    journal: {
      records: () => [],
      append: async () => {},
      release: async () => {},
      close: async () => {},
    },
    evidence,
    isClosed: () => false,
    sendAll() {},
    feed: (event) => void counted.push(event),
    made: () => ({ header: block, txs: [], time_ms: 0 }),
    mute: (error) => void mutes.push(error?.code ?? null),
    fail: (error) => void failures.push(error),
  });
  const cast = (statement: Statement) => casting.settle([{ type: 'cast', statement }]);
  // At once, before the refusal is heard, and when there is room again.
  cast({ kind: 'notar', slot: 1, block: BLOCK });
  isFull = false;
  cast({ kind: 'final', slot: 1, block: BLOCK });
  await casting.idle();
  cast({ kind: 'final', slot: 1, block: BLOCK });
  cast({ kind: 'notar', slot: 2, block: BLOCK });
  await casting.idle();
  expect(failures).toEqual([]);
  expect(mutes).toEqual(['signer/guard-full', null]);
  expect(asked.map(({ kind, slot }) => `${kind} ${slot}`)).toEqual([
    'notar 1',
    'final 1',
    'notar 2',
  ]);
  expect(counted).toHaveLength(1);
});

function signerOf(asked: SignedStatement[], isFull: () => boolean): Signer {
  const crypto = createFakeCrypto();
  return {
    key: crypto.publicKeyOf(secretOf('b')),
    signed: () => [],
    async sign(statements) {
      asked.push(...statements);
      if (isFull()) throw new AppError('signer/guard-full', 'Full.');
      if (statements.some(({ kind }) => kind === 'final')) {
        throw new AppError('signer/conflict', 'No notar vote.');
      }
      return statements.map(() => new Uint8Array(64));
    },
    released: () => null,
    release: async () => {},
    signHandshake: () => new Uint8Array(64),
    close: async () => {},
  };
}
