import {
  AppError,
  asArray,
  bytesToHex,
  decodeCbor,
  decodeCertificate,
  encodeCbor,
  verifyCertificate,
} from '@suyuan/contracts';
import { nodeCrypto as crypto } from '@suyuan/contracts/node';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  type CertificateMessage,
  type ConsensusMessage,
  decodeMessage,
  encodeMessage,
  fromFinalCertificate,
  type ProposalMessage,
  proposalBytes,
  toFinalCertificate,
  type VoteKind,
  type VoteMessage,
  verifyCertificateMessage,
  verifyProposal,
  verifyVote,
  voteBytes,
} from './index.ts';
import {
  chainId,
  hash,
  headerOf,
  proposalOf,
  secretOf,
  validators,
  voteOf,
} from './testing/votes.ts';

const KINDS: readonly VoteKind[] = ['notar', 'skip', 'final'];
const set = validators(4);

function codeOf(body: () => unknown): string | undefined {
  try {
    body();
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const place = fc.record({ epoch: fc.maxSafeNat(), slot: fc.nat(2 ** 40) });
const subject = fc
  .tuple(fc.constantFrom(...KINDS), place, bytes(32))
  .map(([kind, at, block]) => ({ kind, ...at, block: kind === 'skip' ? null : block }));
const anyMessage: fc.Arbitrary<ConsensusMessage> = fc.oneof(
  fc
    .tuple(subject, fc.nat(63), bytes(64))
    .map(([s, validator, signature]) => ({ type: 'vote', ...s, validator, signature }) as const),
  fc
    .tuple(
      subject,
      fc.array(fc.record({ validator: fc.nat(63), signature: bytes(64) }), { maxLength: 64 }),
    )
    .map(([s, signatures]) => ({ type: 'certificate', ...s, signatures }) as const),
  fc
    .tuple(
      place,
      bytes(32),
      bytes(32),
      fc.option(
        fc.record({
          header: fc.uint8Array({ maxLength: 600 }),
          txs: fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }),
        }),
      ),
      bytes(64),
    )
    .map(
      ([at, block, parentBlock, body, signature]) =>
        ({
          type: 'proposal',
          ...at,
          block,
          parentSlot: at.slot - 1,
          parentBlock,
          body,
          signature,
        }) as const,
    ),
  fc.tuple(place, bytes(32)).map(([at, block]) => ({ type: 'fetch', ...at, block }) as const),
);

describe('the codec', () => {
  test('gives back every message', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        expect(decodeMessage(encodeMessage(message))).toEqual(message);
      }),
    );
  });

  test('whatever comes is a message in its one encoding, or consensus/bad-message', () => {
    const bent = anyMessage.chain((message) => {
      const good = encodeMessage(message);
      return fc
        .tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), fc.nat(2))
        .map(([at, mask, how]) => {
          const list = [...good];
          if (how === 0) list[at] = (list[at] ?? 0) ^ mask;
          else if (how === 1) list.splice(at, 1);
          else list.splice(at, 0, mask);
          return Uint8Array.from(list);
        });
    });
    fc.assert(
      fc.property(fc.oneof(bent, fc.uint8Array({ maxLength: 300 })), (hostile) => {
        let message: ConsensusMessage | undefined;
        const code = codeOf(() => {
          message = decodeMessage(hostile);
        });
        if (message === undefined) expect(code).toBe('consensus/bad-message');
        else expect(encodeMessage(message)).toEqual(hostile);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['vote', 0, 7, 256],
    ['certificate', 1, 6, 8192],
    ['fetch', 3, 4, 128],
    ['proposal', 2, 8, 5 * 1024 * 1024],
  ])('does not look into a %s that is too large', (_name, type, length, max) => {
    const head = [0x80 + length, type];
    for (const size of [max, max + 1]) {
      const long = new Uint8Array(size).fill(0xff);
      long.set(head);
      const message = size > max ? /has at most/ : /^(?!.*has at most)/;
      expect(() => decodeMessage(long)).toThrow(message);
      expect(codeOf(() => decodeMessage(long))).toBe('consensus/bad-message');
    }
  });

  it.each<[string, (fields: unknown[]) => void]>([
    ['a skip vote with a block', (fields) => fields.splice(1, 1, 'skip')],
    ['a notar vote without', (fields) => fields.splice(4, 1, null)],
    ['another kind', (fields) => fields.splice(1, 1, 'maybe')],
    ['a slot below 0', (fields) => fields.splice(3, 1, -1)],
    ['a slot without a successor', (fields) => fields.splice(3, 1, Number.MAX_SAFE_INTEGER)],
    ['a validator beyond the largest set', (fields) => fields.splice(5, 1, 64)],
    ['a short signature', (fields) => fields.splice(6, 1, new Uint8Array(63))],
    ['one field more', (fields) => fields.push(0)],
    ['a type that does not exist', (fields) => fields.splice(0, 1, 4)],
  ])('refuses %s', (_name, bend) => {
    const good = encodeMessage(voteOf(0, 'notar', 3));
    const fields = [...asArray(decodeCbor(good), 'vote', 7)];
    bend(fields);
    expect(codeOf(() => decodeMessage(encodeCbor(fields)))).toBe('consensus/bad-message');
  });

  it('refuses a parent that is not before its slot, and a block beyond its limits', () => {
    const good = proposalOf({ slot: 5, parentSlot: 4 });
    const refused = (message: ProposalMessage) =>
      codeOf(() => decodeMessage(encodeMessage(message)));
    const header = good.body!.header;
    expect(refused(good)).toBeUndefined();
    expect(refused({ ...good, parentSlot: 5 })).toBe('consensus/bad-message');
    expect(refused({ ...good, parentSlot: -2 })).toBe('consensus/bad-message');
    for (const body of [
      { header: new Uint8Array(1025), txs: [] },
      { header, txs: [new Uint8Array(64 * 1024 + 1)] },
      { header, txs: Array.from({ length: 1001 }, () => new Uint8Array(1)) },
    ]) {
      expect(refused({ ...good, body })).toBe('consensus/bad-message');
    }
    const largest = Array.from({ length: 64 }, () => new Uint8Array(64 * 1024));
    expect(refused({ ...good, body: { header, txs: largest } })).toBeUndefined();
  });
});

describe('signed bytes', () => {
  it('are those of docs/formats.md §9', () => {
    const at = { chainId, epoch: 2, slot: 9 };
    const block = new Uint8Array(32).fill(7);
    expect(voteBytes({ ...at, kind: 'notar', block })).toEqual(
      encodeCbor(['suyuan/notar/1', chainId, 2, 9, block]),
    );
    expect(voteBytes({ ...at, kind: 'skip', block: null })).toEqual(
      encodeCbor(['suyuan/skip/1', chainId, 2, 9]),
    );
    expect(bytesToHex(voteBytes({ ...at, kind: 'final', block }))).toBe(
      `856e${Buffer.from('suyuan/final/1').toString('hex')}5820${'01'.repeat(32)}02095820${'07'.repeat(32)}`,
    );
    expect(proposalBytes({ ...at, block, parentSlot: -1 })).toEqual(
      encodeCbor(['suyuan/proposal/1', chainId, 2, 9, block, -1]),
    );
    expect(codeOf(() => voteBytes({ ...at, kind: 'skip', block }))).toBe('consensus/bad-message');
    expect(codeOf(() => voteBytes({ ...at, kind: 'final', block: null }))).toBe(
      'consensus/bad-message',
    );
  });
});

describe('a vote', () => {
  const codeFor = (vote: VoteMessage, chain = chainId) =>
    codeOf(() => verifyVote(crypto, chain, set, vote));

  it.each(KINDS)('%s verifies as it was signed and as nothing else', (kind) => {
    const vote = voteOf(1, kind, 3);
    expect(codeFor(vote)).toBeUndefined();
    expect(codeFor(vote, new Uint8Array(32))).toBe('consensus/bad-vote');
    const others: Partial<VoteMessage>[] = [
      { epoch: 1 },
      { slot: 4 },
      { validator: 0 },
      { validator: 4 },
      { signature: new Uint8Array(64) },
      ...KINDS.filter((other) => other !== kind).map((other) => ({
        kind: other,
        block: other === 'skip' ? null : (vote.block ?? new Uint8Array(32)),
      })),
    ];
    for (const change of others) {
      expect(codeFor({ ...vote, ...change }), JSON.stringify(change)).toBe('consensus/bad-vote');
    }
  });
});

describe('a certificate', () => {
  const certificate = (
    signers: readonly number[],
    kind: VoteKind = 'notar',
  ): CertificateMessage => {
    const votes = signers.map((validator) => voteOf(validator, kind, 3));
    const { epoch, slot, block } = voteOf(0, kind, 3);
    return {
      type: 'certificate',
      kind,
      epoch,
      slot,
      block,
      signatures: votes.map(({ validator, signature }) => ({ validator, signature })),
    };
  };
  const codeFor = (message: CertificateMessage) =>
    codeOf(() => verifyCertificateMessage(crypto, chainId, set, message));

  it.each(KINDS)('%s needs a quorum of distinct validators', (kind) => {
    expect(codeFor(certificate([0, 1, 2], kind))).toBeUndefined();
    expect(codeFor(certificate([0, 2, 3], kind))).toBeUndefined();
    expect(codeFor(certificate([0, 1, 2, 3], kind))).toBeUndefined();
    expect(codeFor(certificate([0, 1], kind))).toBe('certificate/no-quorum');
    expect(codeFor(certificate([0, 1, 1], kind))).toBe('certificate/duplicate-signer');
    expect(codeFor(certificate([1, 0, 2], kind))).toBe('certificate/duplicate-signer');
    expect(codeFor(certificate([0, 1, 4], kind))).toBe('certificate/unknown-signer');
  });

  it('is refused for one wrong signature, another slot, another kind', () => {
    const good = certificate([0, 1, 2, 3]);
    const signatures = good.signatures.map((entry, i) =>
      i === 3 ? { ...entry, signature: good.signatures[0]!.signature } : entry,
    );
    expect(codeFor({ ...good, signatures })).toBe('certificate/bad-signature');
    expect(codeFor({ ...good, slot: 4 })).toBe('certificate/bad-signature');
    expect(codeFor({ ...good, epoch: 1 })).toBe('certificate/bad-signature');
    expect(codeFor({ ...good, kind: 'final' })).toBe('certificate/bad-signature');
  });

  it('that is final becomes the one that light clients verify, and back', () => {
    const header = headerOf({ height: 1 });
    const sha256 = crypto.hash('sha256');
    const message = certificate([0, 2, 3], 'final');
    const bytes = toFinalCertificate(message);
    expect(fromFinalCertificate(bytes)).toEqual(message);
    expect(message.block).toEqual(voteOf(0, 'final', 3).block);
    verifyCertificate(crypto, sha256, {
      chainId,
      epoch: 0,
      validators: set,
      headerBytes: header,
      certificate: decodeCertificate(bytes),
    });
    expect(codeOf(() => toFinalCertificate(certificate([0, 1, 2])))).toBe('consensus/bad-message');
    expect(codeOf(() => toFinalCertificate(certificate([0, 1, 2], 'skip')))).toBe(
      'consensus/bad-message',
    );
  });
});

describe('a proposal', () => {
  const codeFor = (message: ProposalMessage) =>
    codeOf(() => verifyProposal(crypto, hash, chainId, set, message));
  const signed = (message: ProposalMessage, leader = message.slot % 4): ProposalMessage => ({
    ...message,
    signature: crypto.sign(secretOf(leader), proposalBytes({ ...message, chainId })),
  });

  it('is signed by the leader of its slot', () => {
    const good = proposalOf({ slot: 6, parentSlot: 4 });
    expect(verifyProposal(crypto, hash, chainId, set, good)).toMatchObject({ height: 1 });
    expect(codeFor(signed(good, 3))).toBe('consensus/bad-proposal');
    expect(codeFor({ ...good, slot: 10 })).toBe('consensus/bad-proposal');
    expect(codeFor({ ...good, parentSlot: 3 })).toBe('consensus/bad-proposal');
    expect(codeFor({ ...good, epoch: 1 })).toBe('consensus/bad-proposal');
  });

  it('is what its header says', () => {
    const good = proposalOf({ slot: 6, parentSlot: 4 });
    const other = new Uint8Array(32).fill(9);
    const withHeader = (header: Uint8Array) => ({ header, txs: [] });
    expect(codeFor(signed({ ...good, block: other }))).toBe('consensus/bad-proposal');
    expect(codeFor(signed({ ...good, parentBlock: other }))).toBe('consensus/bad-proposal');
    expect(codeFor(signed({ ...good, parentSlot: 6 }))).toBe('consensus/bad-proposal');
    expect(codeFor(signed({ ...good, body: withHeader(headerOf({ height: 2 })) }))).toBe(
      'consensus/bad-proposal',
    );
    const foreign = proposalOf({ slot: 6, parentSlot: 4, header: headerOf({ chainId: other }) });
    expect(codeFor(foreign)).toBe('consensus/bad-proposal');
    const noHeader = proposalOf({ slot: 6, parentSlot: 4, header: new Uint8Array([0xf6]) });
    expect(codeFor(noHeader)).toBe('consensus/bad-proposal');
  });

  it('brings the transactions of its header: the signature covers no others', () => {
    const good = proposalOf({ slot: 6, parentSlot: 4 });
    const { header, txs } = good.body!;
    for (const other of [[], txs.slice(1), [...txs].reverse(), [...txs, Uint8Array.of(4)]]) {
      expect(codeFor({ ...good, body: { header, txs: other } })).toBe('consensus/bad-proposal');
    }
  });

  it('without a body repeats its parent, which is not the root', () => {
    const good = proposalOf({ slot: 6, parentSlot: 4 });
    const repeat = signed({ ...good, body: null, parentBlock: good.block });
    expect(verifyProposal(crypto, hash, chainId, set, repeat)).toBeNull();
    expect(codeFor(signed({ ...repeat, parentBlock: new Uint8Array(32) }))).toBe(
      'consensus/bad-proposal',
    );
    expect(codeFor(signed({ ...repeat, parentSlot: -1 }))).toBe('consensus/bad-proposal');
  });
});
