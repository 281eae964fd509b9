import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { portableCrypto as crypto } from '../crypto/portable.ts';
import { VIA_MAX } from '../limits.ts';
import { bentBytes, codeOf } from '../testing/hostile.ts';
import { createTestChain, testSecret } from '../testing/test-chain.ts';
import { verifyBlockCertificate } from './block-certificate.ts';
import { encodeCertificate, encodeVote } from './certificate.ts';
import { blockHash, decodeHeader, encodeHeader } from './header.ts';
import type { CertifiedHeader } from './light-client.ts';

const chain = createTestChain();
const { validators: members, hash, chainId } = chain;
/** Each block with the certificate of its own. */
const blocks: CertifiedHeader[] = [chain.head];
for (let n = 0; n < VIA_MAX + 1; n += 1) {
  chain.empty();
  blocks.push(chain.head);
}
chain.remove('carrier');
const ending = chain.head;
chain.empty();
const after = chain.head;

const block = (at: number, to: number) => ({
  header: blocks[at]?.header ?? new Uint8Array(),
  via: blocks.slice(at + 1, to + 1).map(({ header }) => header),
  certificate: blocks[to]?.certificate ?? new Uint8Array(),
});
const verify = (given: ReturnType<typeof block>, epoch = 0, validators = members) =>
  verifyBlockCertificate(crypto, hash, { chainId, epoch, validators, block: given });
const code = (...args: Parameters<typeof verify>) => codeOf(() => verify(...args));

describe('the certificate of a block', () => {
  it('is its own, or that of a block that stands upon it', () => {
    expect(verify(block(0, 0)).height).toBe(1);
    for (const to of [1, 2, VIA_MAX]) expect(verify(block(0, to)).height).toBe(1);
    expect(verify({ ...ending, via: [] }).height).toBe(chain.height - 1);
    expect(verify({ ...after, via: [] }, 1, chain.validators).height).toBe(chain.height);
  });

  it('is not further away than consensus leaves blocks undecided', () => {
    expect(code(block(0, VIA_MAX + 1))).toBe('ledger/bad-via');
    expect(code(block(1, VIA_MAX + 1))).toBeUndefined();
  });

  it('is reached by every header between, in order', () => {
    const good = block(0, 3);
    const [one, two, three] = good.via as [Uint8Array, Uint8Array, Uint8Array];
    const via = (...headers: Uint8Array[]) => code({ ...good, via: headers });
    expect(via(one, two, three)).toBeUndefined();
    expect(via()).toBe('certificate/other-block');
    expect(via(one, two)).toBe('certificate/other-block');
    expect(via(two, three)).toBe('ledger/bad-via');
    expect(via(two, one, three)).toBe('ledger/bad-via');
    expect(via(one, one, two, three)).toBe('ledger/bad-via');
    expect(via(good.header, one, two, three)).toBe('ledger/bad-via');
    expect(via(one, two, three, three)).toBe('ledger/bad-via');
    const { previous, ...rest } = decodeHeader(two);
    const jump = encodeHeader({ ...rest, previous, height: rest.height + 1 });
    expect(via(one, jump)).toBe('ledger/bad-via');
  });

  it('does not pass the end of an epoch', () => {
    const late = { header: ending.header, via: [after.header], certificate: after.certificate };
    expect(code(late)).toBe('ledger/other-validators');
    expect(code(late, 1, chain.validators)).toBe('ledger/other-validators');
    // A header that claims to stand upon the end in the same epoch, signed by its set.
    const stray = encodeHeader({
      ...decodeHeader(after.header),
      validators: decodeHeader(ending.header).validators,
    });
    const vote = { chainId, epoch: 0, slot: 9, blockHash: blockHash(hash, stray) };
    const signatures = members.map(({ id }, validator) => ({
      validator,
      signature: crypto.sign(testSecret('ed25519', id), encodeVote(vote)),
    }));
    const certificate = encodeCertificate({ ...vote, signatures });
    expect(code({ header: stray, via: [], certificate })).toBeUndefined();
    expect(code({ header: ending.header, via: [stray], certificate })).toBe('ledger/bad-via');
  });

  it('is of this chain and epoch', () => {
    const other = createTestChain({ time_ms: 1_770_000_000_000 }).head;
    expect(code({ ...other, via: [] })).toBe('ledger/other-chain');
    expect(code(block(0, 2), 1)).toBe('certificate/wrong-epoch');
    expect(code(block(0, 2), 0, members.slice(1))).toBe('ledger/other-validators');
  });

  it('with anything bent vouches for nothing', () => {
    const good = block(0, 2);
    fc.assert(
      fc.property(bentBytes(good.header), bentBytes(good.via[0] ?? good.header), (a, b) => {
        expect(code({ ...good, header: a })).toMatch(/\//);
        expect(code({ ...good, via: [b, good.via[1] ?? b] })).toMatch(/\//);
      }),
      { numRuns: 50 },
    );
  });
});
