import { describe, expect, it } from 'vitest';
import { portableCrypto as crypto } from '../crypto/portable.ts';
import { getValidators } from '../rules/governance/validator-set.ts';
import { codeOf } from '../testing/hostile.ts';
import { createTestChain, testSecret } from '../testing/test-chain.ts';
import { encodeCertificate, encodeVote } from './certificate.ts';
import { blockHash, decodeHeader, encodeHeader } from './header.ts';
import {
  advanceEpoch,
  type EpochEnd,
  type TrustedSet,
  trustGenesis,
  verifyHeader,
} from './light-client.ts';
import { validatorsHash } from './validators.ts';

const chain = createTestChain();
chain.addAccount('newcomer', ['bureau']);
const before = chain.head;
chain.join('newcomer');
chain.empty();
const second = chain.head;
chain.rotateKey('regulator', 'regulator 2');
chain.empty();
const third = chain.head;
chain.remove('association');
chain.empty();
const ends = chain.epochs as readonly [EpochEnd, EpochEnd, EpochEnd];
const { trusted: genesis } = trustGenesis(crypto, chain.genesis, chain.chainId);
const epoch1 = advanceEpoch(crypto, genesis, ends[0]);
const epoch2 = advanceEpoch(crypto, epoch1, ends[1]);
const epoch3 = advanceEpoch(crypto, epoch2, ends[2]);
const ids = (trusted: TrustedSet) => trusted.validators.map((v) => v.id);
const headerCode = (trusted: TrustedSet, head = chain.head) =>
  codeOf(() => verifyHeader(crypto, trusted, head));
const advanceCode = (trusted: TrustedSet, end: EpochEnd) =>
  codeOf(() => advanceEpoch(crypto, trusted, end));

describe('a light client', () => {
  it('trusts only the pinned genesis', () => {
    expect(codeOf(() => trustGenesis(crypto, chain.genesis, new Uint8Array(32)))).toBe(
      'ledger/other-genesis',
    );
    expect(codeOf(() => trustGenesis(crypto, chain.genesis, new Uint8Array(0)))).toBe(
      'ledger/other-genesis',
    );
    expect(genesis).toMatchObject({ epoch: 0, height: 0 });
  });

  it('follows who joins, takes another key and goes, to the head of each epoch', () => {
    expect(headerCode(genesis, before)).toBeUndefined();
    expect(headerCode(epoch1, second)).toBeUndefined();
    expect(headerCode(epoch2, third)).toBeUndefined();
    expect(headerCode(epoch3)).toBeUndefined();
    expect([epoch1.epoch, epoch2.epoch, epoch3.epoch]).toEqual([1, 2, 3]);
    const first = ['association', 'regulator', 'bureau', 'carrier'];
    expect(ids(epoch1)).toEqual([...first, 'newcomer']);
    expect(ids(epoch2)).toEqual(ids(epoch1));
    expect(epoch2.validators[1]?.key).not.toEqual(epoch1.validators[1]?.key);
    expect(ids(epoch3)).toEqual(ids(epoch2).slice(1));
    expect(verifyHeader(crypto, epoch3, chain.head).height).toBe(chain.height);
    expect(getValidators(chain.state)).toEqual({
      epoch: 3,
      from: chain.height,
      members: epoch3.validators,
    });
  });

  it('takes the last header of an epoch as a head too', () => {
    expect(headerCode(genesis, ends[0])).toBeUndefined();
    expect(headerCode(epoch1, ends[1])).toBeUndefined();
  });

  it('does not skip an epoch or go back', () => {
    expect(headerCode(genesis)).toBe('ledger/other-validators');
    expect(headerCode(epoch2)).toBe('ledger/other-validators');
    // A rotation leaves the members, but not the set.
    expect(headerCode(epoch1, third)).toBe('ledger/other-validators');
    expect(advanceCode(genesis, ends[2])).toBe('ledger/other-validators');
    expect(advanceCode(epoch1, ends[2])).toBe('ledger/other-validators');
    expect(headerCode(epoch2, second)).toBe('ledger/out-of-order');
    expect(headerCode(epoch2, before)).toBe('ledger/out-of-order');
    expect(advanceCode(genesis, ends[1])).toBe('ledger/other-validators');
    expect(advanceCode(epoch1, ends[0])).toBe('ledger/out-of-order');
  });

  it('does not hand over to a set that the header does not commit to', () => {
    const [end] = ends;
    expect(advanceCode(genesis, { ...end, next: [...end.next].reverse() })).toBe(
      'ledger/other-validators',
    );
    expect(advanceCode(genesis, { ...end, next: end.next.slice(1) })).toBe(
      'ledger/other-validators',
    );
    expect(advanceCode(genesis, { ...before, next: genesis.validators })).toBe(
      'ledger/no-epoch-end',
    );
  });

  it('does not take headers of another chain, whoever signed them', () => {
    const other = createTestChain({ time_ms: 1_770_000_000_000 });
    expect(headerCode(genesis, other.head)).toBe('ledger/other-chain');
  });

  it('does not take a header back in time', () => {
    const header = encodeHeader({ ...decodeHeader(chain.head.header), time_ms: 1 });
    expect(headerCode(epoch3, { header, certificate: chain.certify(header) })).toBe(
      'ledger/out-of-order',
    );
  });

  it('does not take the certificate of another header', () => {
    expect(headerCode(epoch3, { ...chain.head, certificate: second.certificate })).toBe(
      'certificate/wrong-epoch',
    );
    const header = encodeHeader({ ...decodeHeader(chain.head.header), rules: 9 });
    expect(headerCode(epoch3, { ...chain.head, header })).toBe('certificate/other-block');
  });

  it('does not let an old set or an old key vote on', () => {
    // A block after the end of the first epoch, for which only its set signs.
    const header = encodeHeader({
      ...decodeHeader(before.header),
      height: 99,
      time_ms: decodeHeader(chain.head.header).time_ms,
    });
    const signers = [0, 1, 2].map((validator) => ({ validator }));
    const old = { header, certificate: signed(header, 0, signers) };
    expect(headerCode(genesis, old)).toBeUndefined();
    expect(headerCode(epoch1, old)).toBe('ledger/other-validators');
    // The same, claiming the set of now; and of now, but for the key that was given up.
    const { validators } = decodeHeader(second.header);
    const late = encodeHeader({ ...decodeHeader(header), validators, nextValidators: validators });
    const byOld = { header: late, certificate: signed(late, 1, signers) };
    expect(headerCode(epoch1, byOld)).toBe('certificate/no-quorum');
    const now = decodeHeader(third.header);
    const next = encodeHeader({ ...now, height: 98 });
    const five = [0, 1, 2, 3].map((validator) => ({ validator }));
    expect(headerCode(epoch2, { header: next, certificate: signed(next, 2, five) })).toBe(
      'certificate/bad-signature',
    );
  });

  it('does not take the next set from whoever says so', () => {
    const [end] = ends;
    const mallory = { id: 'mallory', key: crypto.publicKeyOf(testSecret('ed25519', 'mallory')) };
    const next = [mallory];
    const header = encodeHeader({
      ...decodeHeader(end.header),
      nextValidators: validatorsHash(chain.hash, next),
    });
    expect(advanceCode(genesis, { ...end, next })).toBe('ledger/other-validators');
    expect(advanceCode(genesis, { ...end, header, next })).toBe('certificate/other-block');
    const own = signed(header, 0, [{ validator: 0 }]);
    expect(advanceCode(genesis, { header, certificate: own, next })).toBe('certificate/no-quorum');
  });
});

/** A certificate of that epoch, by the keys that these members had at the genesis. */
function signed(
  header: Uint8Array,
  epoch: number,
  signers: readonly { validator: number }[],
): Uint8Array {
  const names = ['association', 'regulator', 'bureau', 'carrier'];
  const vote = { chainId: chain.chainId, epoch, slot: 0, blockHash: blockHash(chain.hash, header) };
  return encodeCertificate({
    ...vote,
    signatures: signers.map(({ validator }) => ({
      validator,
      signature: crypto.sign(testSecret('ed25519', names[validator] ?? ''), encodeVote(vote)),
    })),
  });
}
