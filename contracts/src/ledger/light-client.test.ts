import { describe, expect, it } from 'vitest';
import { portableCrypto as crypto } from '../crypto/portable.ts';
import { codeOf } from '../testing/hostile.ts';
import { createTestChain } from '../testing/test-chain.ts';
import { decodeHeader, encodeHeader } from './header.ts';
import {
  advanceEpoch,
  type EpochEnd,
  type TrustedSet,
  trustGenesis,
  verifyHeader,
} from './light-client.ts';

const chain = createTestChain();
chain.addAccount('newcomer', ['bureau']);
const before = chain.head;
chain.rotateValidators(['association', 'regulator', 'newcomer']);
const second = chain.head;
chain.rotateValidators(['newcomer', 'regulator', 'carrier', 'bureau']);
const ends = chain.epochs as readonly [EpochEnd, EpochEnd];
const { trusted: genesis } = trustGenesis(crypto, chain.genesis, chain.chainId);
const epoch1 = advanceEpoch(crypto, genesis, ends[0]);
const epoch2 = advanceEpoch(crypto, epoch1, ends[1]);
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

  it('follows three epochs to their heads', () => {
    expect(headerCode(genesis, before)).toBeUndefined();
    expect(headerCode(epoch1, second)).toBeUndefined();
    expect(headerCode(epoch2)).toBeUndefined();
    expect([epoch1.epoch, epoch2.epoch]).toEqual([1, 2]);
    expect(epoch1.validators.map((v) => v.id)).toEqual(['association', 'regulator', 'newcomer']);
    expect(verifyHeader(crypto, epoch2, chain.head).height).toBe(chain.height);
  });

  it('takes the last header of an epoch as a head too', () => {
    expect(headerCode(genesis, ends[0])).toBeUndefined();
  });

  it('does not skip an epoch or go back', () => {
    expect(headerCode(genesis)).toBe('ledger/other-validators');
    expect(headerCode(epoch1)).toBe('ledger/other-validators');
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
    expect(headerCode(epoch2, { header, certificate: chain.certify(header) })).toBe(
      'ledger/out-of-order',
    );
  });

  it('does not take the certificate of another header', () => {
    expect(headerCode(epoch2, { ...chain.head, certificate: second.certificate })).toBe(
      'certificate/wrong-epoch',
    );
    const header = encodeHeader({ ...decodeHeader(chain.head.header), rules: 9 });
    expect(headerCode(epoch2, { ...chain.head, header })).toBe('certificate/other-block');
  });

  it('does not let those who left vote on', () => {
    const header = encodeHeader({
      ...decodeHeader(before.header),
      height: 99,
      time_ms: decodeHeader(chain.head.header).time_ms,
    });
    expect(headerCode(epoch2, { header, certificate: before.certificate })).toBe(
      'ledger/other-validators',
    );
  });
});
