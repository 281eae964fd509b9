import { describe, expect, it } from 'vitest';
import type { CborObject } from '../../encoding/types.ts';
import type { RuleBench } from '../../testing/rule-bench.ts';
import {
  createTrade,
  FRUIT,
  harvestOf,
  lotOf,
  MILL,
  MILL_2,
  PEEL,
  PLOT_1,
} from '../../testing/trade.ts';
import { lotKey } from './lot.ts';

const YEAR_MS = 31_556_952_000;

let files = 0;

/** Registers an audit of a lot by `issuer` and returns its hash. */
function audit(bench: RuleBench, gtin: string, lot: string, change: CborObject = {}): Uint8Array {
  files += 1;
  const hash = new Uint8Array(32).fill(files);
  bench.must('auditor', 'documents.register', {
    hash,
    kind: 'audit',
    mime: 'application/pdf',
    size_bytes: 1,
    title: 'audit',
    issuedAt: bench.time_ms,
    validFrom: bench.time_ms,
    subjects: [lotKey(gtin, lot)],
    amount: 5000,
    born: bench.time_ms - 5 * YEAR_MS,
    ...change,
  });
  return hash;
}

/** The word of who answers for the mark, about a lot of peel. */
function authorise(bench: RuleBench, lot: string, issuer = 'association'): Uint8Array {
  files += 1;
  const hash = new Uint8Array(32).fill(files);
  bench.must(issuer, 'documents.register', {
    hash,
    kind: 'gi-authorisation',
    mime: 'application/pdf',
    size_bytes: 1,
    title: 'old stock',
    issuedAt: bench.time_ms,
    validFrom: bench.time_ms,
    subjects: [lotKey(PEEL, lot)],
  });
  return hash;
}

function opened(bench: RuleBench, document: Uint8Array, change: CborObject = {}): string {
  const authorisation = authorise(bench, 'OLD');
  const balance = { gtin: PEEL, lot: 'OLD', amount: 5000, place: MILL, document, authorisation };
  return bench.run('mill-1', 'lots.open-balance', { ...balance, ...change });
}

describe('an opening balance', () => {
  it('is what an auditor vouches for, as old as he says, even of a product with a mark', () => {
    const bench = createTrade();
    const born = bench.time_ms - 5 * YEAR_MS;
    const document = audit(bench, PEEL, 'OLD', { born });
    expect(opened(bench, document, { amount: 5001 })).toBe('lots/beyond-audit');
    expect(opened(bench, document)).toBe('');
    expect(lotOf(bench, PEEL, 'OLD')).toMatchObject({ made: 5000, born, document, inputs: [] });
    expect(opened(bench, document)).toBe('lots/exists');
  });

  it('is never born in the future', () => {
    const bench = createTrade();
    const document = audit(bench, PEEL, 'OLD', { born: bench.time_ms + YEAR_MS });
    expect(opened(bench, document)).toBe('');
    const lot = lotOf(bench, PEEL, 'OLD');
    expect(lot.born).toBe(lot.since);
  });

  it('takes no document that is missing, of another lot or kind, revoked or expired', () => {
    const bench = createTrade();
    expect(opened(bench, new Uint8Array(32))).toBe('documents/unknown');
    expect(opened(bench, audit(bench, PEEL, 'OTHER'))).toBe('documents/other-subject');
    const until = { validUntil: bench.time_ms + 1000 };
    const short = audit(bench, PEEL, 'OLD', until);
    const revoked = audit(bench, PEEL, 'OLD');
    bench.must('auditor', 'documents.revoke', { hash: revoked, reason: 'wrong' });
    expect(opened(bench, revoked)).toBe('documents/revoked');
    bench.advance(2000);
    expect(opened(bench, short)).toBe('documents/expired');
  });

  it('is opened at the own place by those who keep stock, and not by the auditor himself', () => {
    const bench = createTrade();
    const document = audit(bench, PEEL, 'OLD');
    expect(opened(bench, document, { place: MILL_2 })).toBe('rules/foreign-place');
    const by = (signer: string) =>
      bench.run(signer, 'lots.open-balance', {
        gtin: PEEL,
        lot: 'OLD',
        amount: 1,
        place: PLOT_1,
        document,
      });
    expect(by('grower-1')).toBe('rules/role-needed');
    expect(by('auditor')).toBe('rules/role-needed');
    bench.addAccount('auditor', ['auditor', 'association']);
    expect(by('auditor')).toBe('lots/not-audited');
  });
});

describe('an opening balance under a mark', () => {
  it('needs the word of the mark’s steward or a regulator about this very lot', () => {
    const bench = createTrade();
    bench.addAccount('rival', ['association']);
    bench.addAccount('regulator-2', ['regulator']);
    const document = audit(bench, PEEL, 'OLD');
    const balance = { gtin: PEEL, lot: 'OLD', amount: 5000, place: MILL, document };
    expect(bench.run('mill-1', 'lots.open-balance', balance)).toBe('lots/not-authorised');
    const by = (authorisation: Uint8Array) => opened(bench, document, { authorisation });
    expect(by(document)).toBe('documents/wrong-kind');
    expect(by(authorise(bench, 'OLD', 'rival'))).toBe('lots/not-authorised');
    expect(by(authorise(bench, 'NEW'))).toBe('documents/other-subject');
    const revoked = authorise(bench, 'OLD');
    bench.must('association', 'documents.revoke', { hash: revoked, reason: 'wrong' });
    expect(by(revoked)).toBe('documents/revoked');
    const frozen = authorise(bench, 'OLD', 'regulator-2');
    bench.must('regulator', 'accounts.set-status', { id: 'regulator-2', status: 'frozen' });
    expect(by(frozen)).toBe('lots/not-authorised');
    const authorisation = authorise(bench, 'OLD', 'regulator');
    expect(by(authorisation)).toBe('');
    expect(lotOf(bench, PEEL, 'OLD')).toMatchObject({ document, authorisation });
  });

  it('is opened by one of its makers', () => {
    const bench = createTrade();
    bench.must('association', 'products.set-makers', { gtin: PEEL, makers: ['mill-2'] });
    expect(opened(bench, audit(bench, PEEL, 'OLD'))).toBe('lots/not-a-maker');
  });

  it('spends an audit on one lot, and takes none of a frozen auditor', () => {
    const bench = createTrade();
    const subjects = ['OLD', 'OLD-2'].map((lot) => lotKey(PEEL, lot));
    expect(opened(bench, audit(bench, PEEL, 'OLD', { subjects }))).toBe('lots/shared-audit');
    const document = audit(bench, PEEL, 'OLD');
    bench.must('regulator', 'accounts.set-status', { id: 'auditor', status: 'frozen' });
    expect(opened(bench, document)).toBe('lots/not-audited');
  });
});

describe('weighing again', () => {
  function stock(): RuleBench {
    const bench = createTrade();
    opened(bench, audit(bench, PEEL, 'OLD', { amount: 1_000_000 }), { amount: 1_000_000 });
    return bench;
  }
  const weigh = (bench: RuleBench, amount: number, change: CborObject = {}) =>
    bench.run('mill-1', 'lots.re-weigh', { gtin: PEEL, lot: 'OLD', amount, ...change });

  it('finds what dries away by policy in the time that passed, and no more', () => {
    const bench = stock();
    // 3 % a year, the 2 ms that the bench's blocks take included, rounded up.
    bench.advance(YEAR_MS - 2);
    expect(weigh(bench, 969_999)).toBe('lots/beyond-loss');
    expect(weigh(bench, 970_000)).toBe('');
    expect(lotOf(bench, PEEL, 'OLD')).toMatchObject({ left: 970_000, lost: 30_000 });
    expect(weigh(bench, 960_000)).toBe('lots/beyond-loss');
  });

  it('never finds more, and more loss only with an audit of the lot', () => {
    const bench = stock();
    expect(weigh(bench, 1_000_001)).toBe('lots/mass-rises');
    expect(weigh(bench, 500_000)).toBe('lots/beyond-loss');
    const other = audit(bench, PEEL, 'ELSE');
    expect(weigh(bench, 500_000, { document: other })).toBe('documents/other-subject');
    expect(weigh(bench, 500_000, { document: audit(bench, PEEL, 'OLD') })).toBe('');
    expect(weigh(bench, -1)).toBe('rules/bad-payload');
  });

  it('is not written before the last weighing', () => {
    const bench = stock();
    bench.advance(86_400_000);
    expect(weigh(bench, 1_000_000)).toBe('');
    const time = bench.time_ms - 1000;
    expect(weigh(bench, 999_999, { time })).toBe('lots/out-of-order');
  });

  it('of a product whose policy names no loss loses nothing by itself', () => {
    const bench = createTrade();
    bench.must('grower-1', 'lots.harvest', harvestOf('F', 1000));
    bench.advance(YEAR_MS);
    const less = { gtin: FRUIT, lot: 'F', amount: 999 };
    expect(bench.run('grower-1', 'lots.re-weigh', less)).toBe('lots/beyond-loss');
    expect(bench.run('grower-2', 'lots.re-weigh', less)).toBe('lots/not-holder');
  });
});

describe('destruction', () => {
  it('takes from what is left, with a reason, by the holder', () => {
    const bench = createTrade();
    bench.must('grower-1', 'lots.harvest', harvestOf('F', 1000));
    const destroy = (signer: string, amount: number, change: CborObject = {}) =>
      bench.run(signer, 'lots.destroy', {
        gtin: FRUIT,
        lot: 'F',
        amount,
        reason: 'rot',
        ...change,
      });
    expect(destroy('grower-2', 1)).toBe('lots/not-holder');
    expect(destroy('grower-1', 1001)).toBe('lots/insufficient-mass');
    expect(destroy('grower-1', 1, { reason: '' })).toBe('rules/bad-payload');
    expect(destroy('grower-1', 1, { document: new Uint8Array(32) })).toBe('documents/unknown');
    const other = audit(bench, FRUIT, 'G');
    expect(destroy('grower-1', 1, { document: other })).toBe('documents/other-subject');
    expect(destroy('grower-1', 400)).toBe('');
    expect(lotOf(bench, FRUIT, 'F')).toMatchObject({ left: 600, destroyed: 400 });
  });
});
