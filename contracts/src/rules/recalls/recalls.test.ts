// Recalls over the real rules of lots, labels and custody: who is stopped, who is not, and how they end.
import { describe, expect, it } from 'vitest';
import type { CborObject } from '../../encoding/types.ts';
import { checkDigit } from '../../gs1/check-digit.ts';
import type { DecodedTx } from '../../ledger/tx.ts';
import { getAccount } from '../accounts/record.ts';
import { applyRule } from '../execute.ts';
import { lotKey } from '../lots/lot.ts';
import { createTrade, GTIN } from '../testing/trade.ts';
import { getRecall, getRecallHolder, openDrills, openRecalls } from './recall.ts';
import { recallScope } from './scope.ts';
import { scopeRoot } from './scope-tree.ts';

const HOUR_MS = 3_600_000;
const ref = (lot: string) => ({ gtin: GTIN, lot });
const none = { g: 0, count: 0 };
const EN = { zh: 'x', en: 'x' };
const checked = (digits: string) => `${digits}${checkDigit(digits)}`;

/**
 * A (coop) → B → C, A → D; X apart. B has a label batch of 4 × 50 g, 3 of them on packs and at the shop; the rest lies at coop. In
 * grams: A 400, B 100 and 150 in packs, C 200, D 100.
 */
function traded(limits?: CborObject) {
  const trade = createTrade(limits);
  const { chain, harvest, age, label, ship, receive } = trade;
  harvest('coop', 'A', 1000);
  harvest('coop', 'X', 500);
  age('coop', [{ lot: 'A', amount: 500 }], 'B');
  age('coop', [{ lot: 'A', amount: 100 }], 'D');
  age('coop', [{ lot: 'B', amount: 200 }], 'C');
  label('coop', 'B', 'L1', 4, 50);
  chain.must('coop', 'labels', 'activate', { ...ref('B'), batch: 'L1', upTo: 3 });
  chain.must('coop', 'labels', 'close', { ...ref('B'), batch: 'L1' });
  const packs = [{ ...ref('B'), batch: 'L1', amount: 3 }];
  ship('coop', 'shop', 'S1', packs);
  receive('shop', 'coop', 'S1', packs);

  function payload(change: CborObject = {}): CborObject {
    const query = {
      seeds: [ref('B')],
      siblings: false,
      ancestors: false,
      ...(change as { seeds?: { gtin: string; lot: string }[] }),
    };
    const lots = recallScope(chain.state, query);
    return {
      recall: change.mock === true ? 'D-1' : 'H-1',
      level: 2,
      mock: false,
      reason: 'residue',
      ...query,
      scope: { root: scopeRoot(chain.hash, lots), count: lots.length },
      ...change,
    };
  }
  const open = (by: string, change: CborObject = {}) =>
    chain.run(by, 'recalls', 'open', payload(change)).code;
  const run = (by: string, action: string, more: CborObject = {}) =>
    chain.run(by, 'recalls', action, { recall: 'H-1', ...more }).code;
  const report = (by: string, recovered: number, sold = 0) =>
    run(by, 'report', {
      recovered: { g: recovered, count: 0 },
      destroyed: none,
      sold: { g: sold, count: 0 },
    });
  return { ...trade, payload, open, run, report };
}

describe('opening a recall', () => {
  it('writes down the scope, what is due from each holder, and who has to act', () => {
    const { chain, open } = traded();
    expect(open('regulator')).toBe('');
    expect(getRecall(chain.state, 'H-1')).toMatchObject({
      opener: 'regulator',
      scope: { count: 2 },
      due: { g: 150 + 150 + 200, count: 0 },
      holders: 2,
      status: 'open',
    });
    expect(getRecallHolder(chain.state, 'H-1', 'coop')).toMatchObject({ lots: 2, due: { g: 350 } });
    expect(getRecallHolder(chain.state, 'H-1', 'shop')).toMatchObject({ lots: 1, due: { g: 150 } });
    expect(openRecalls(chain.state)).toEqual(['H-1']);
    const inScope = (lot: string) => chain.state.inScope('H-1', lotKey(GTIN, lot));
    expect(['A', 'B', 'C', 'D', 'X'].filter(inScope)).toEqual(['B', 'C']);
  });

  it('reaches siblings and ancestors on request, and nothing apart', () => {
    const { chain, open } = traded();
    expect(open('regulator', { siblings: true, ancestors: true })).toBe('');
    const inScope = (lot: string) => chain.state.inScope('H-1', lotKey(GTIN, lot));
    expect(['A', 'B', 'C', 'D', 'X'].filter(inScope)).toEqual(['A', 'B', 'C', 'D']);
  });

  it('is refused with one lot missing, one lot added, or another count', () => {
    const { chain, open } = traded();
    const scopeOf = (...lots: string[]) => ({
      root: scopeRoot(
        chain.hash,
        lots.map((lot) => lotKey(GTIN, lot)),
      ),
      count: lots.length,
    });
    for (const scope of [
      scopeOf('B'),
      scopeOf('B', 'C', 'X'),
      scopeOf('B', 'X'),
      { ...scopeOf('B', 'C'), count: 3 },
      { ...scopeOf('B', 'C'), count: 1 },
      { ...scopeOf('B', 'C'), root: new Uint8Array(32) },
    ]) {
      expect(open('regulator', { scope })).toBe('recalls/wrong-scope');
    }
    expect(open('regulator', { scope: { ...scopeOf('B', 'C'), count: 100_001 } })).toBe(
      'rules/bad-payload',
    );
    expect(openRecalls(chain.state)).toEqual([]);
    expect(open('regulator', { scope: scopeOf('C', 'B') })).toBe('');
  });

  it('is for a regulator, and for who made or holds every seed', () => {
    const { open } = traded();
    expect(open('association')).toBe('recalls/not-yours');
    expect(open('shop')).toBe('recalls/not-yours');
    expect(open('coop', { seeds: [ref('B'), ref('B')] })).toBe('recalls/named-twice');
    for (const more of [{ siblings: true }, { ancestors: true }]) {
      expect(open('coop', more)).toBe('recalls/regulator-only');
      expect(open('coop', { ...more, mock: true })).toBe('recalls/regulator-only');
    }
    expect(open('coop')).toBe('');
    expect(open('coop')).toBe('recalls/exists');
    // Numbers of the regulator's cannot be taken from him.
    for (const [recall, mock] of [
      ['R-1', false],
      ['R-1', true],
      ['D-1', false],
      ['H-2', true],
    ]) {
      expect(open('coop', { recall, mock } as CborObject)).toBe('recalls/reserved-id');
    }
  });

  it('leaves room for a regulator, however many recalls the holders open', () => {
    const { chain, open, harvest } = traded();
    const one = (by: string, n: number, lot = `S${n}`) =>
      open(by, { recall: `H-${n}`, seeds: [ref(lot)] });
    for (let n = 0; n < 18; n++) {
      const by = `coop-${n >> 1}`;
      if (n % 2 === 0) {
        chain.addAccount(by, ['grower']);
        const plot = checked(`69012345${String(1000 + n)}`);
        const place = { kind: 'plot', name: EN, township: EN, holder: by };
        chain.must(by, 'places', 'register', { gln: plot, ...place });
        for (const lot of [`S${n}`, `S${n + 1}`, `T${n}`]) {
          chain.must(by, 'lots', 'harvest', { gtin: GTIN, lot, place: plot, amount: 10 });
        }
      }
      expect(one(by, n)).toBe(n < 16 ? '' : 'recalls/too-many-open');
      if (n === 1) expect(one(by, 99, 'T0')).toBe('recalls/too-many-open');
    }
    expect(openRecalls(chain.state)).toHaveLength(16);
    for (let n = 0; n < 16; n++) {
      harvest('coop', `Y${n}`, 10);
      expect(open('regulator', { recall: `R${n}`, seeds: [ref(`Y${n}`)] })).toBe('');
    }
    expect(open('regulator', { recall: 'R99' })).toBe('recalls/too-many-open');
  });

  it('of the same seeds twice is refused, but a regulator stands above a holder', () => {
    const { open } = traded();
    const seeds = [ref('B'), ref('C')];
    expect(open('coop', { recall: 'H-1', seeds })).toBe('');
    const again = { seeds: [...seeds].reverse() };
    expect(open('coop', { recall: 'H-2', ...again })).toBe('recalls/same-seeds');
    expect(open('regulator', { recall: 'R1', ...again })).toBe('');
    expect(open('regulator', { recall: 'R2', ...again })).toBe('recalls/same-seeds');
    expect(open('coop', { recall: 'H-2', ...again })).toBe('recalls/same-seeds');
    expect(open('regulator', { recall: 'R2', ...again, ancestors: true })).toBe('');
    expect(open('regulator', { recall: 'D-1', ...again, mock: true })).toBe('');
  });

  it('takes a lot that was split too far in parts: by what was made of it, from here to there', () => {
    const { chain, open, harvest } = traded();
    harvest('coop', 'Z', 100);
    const outputs = Array.from({ length: 10 }, (_, i) => ({ lot: `Z${i}`, amount: 1 }));
    chain.must('coop', 'lots', 'split', { gtin: GTIN, lot: 'Z', outputs });
    const more = { gtin: GTIN, lot: 'Z7', outputs: [{ lot: 'Z71', amount: 1 }] };
    chain.must('coop', 'lots', 'split', more);
    const part = (recall: string, from: number, to: number, by = 'regulator') =>
      open(by, { recall, seeds: [{ ...ref('Z'), made: { from, to } }] });
    expect(part('R1', 5, 5)).toBe('rules/bad-payload');
    expect(part('H-1', 0, 5, 'coop')).toBe('');
    expect(part('R2', 5, 99)).toBe('');
    expect(part('R3', 5, 99)).toBe('recalls/same-seeds');
    const names = ['Z', 'Z0', 'Z4', 'Z5', 'Z9', 'Z7', 'Z71'];
    const within = (id: string) =>
      names.filter((lot) => chain.state.inScope(id, lotKey(GTIN, lot)));
    expect(within('H-1')).toEqual(['Z', 'Z0', 'Z4']);
    expect(within('R2')).toEqual(['Z5', 'Z9', 'Z7', 'Z71']);
    const both = [ref('Z'), { ...ref('Z'), lot: 'Z7', made: { from: 0, to: 1 } }];
    expect(open('regulator', { recall: 'R4', seeds: both })).toBe('');
    expect(within('R4')).toEqual(names);
    const last = [{ ...ref('Z7'), made: { from: 1, to: 2 } }, ref('Z71')];
    expect(open('regulator', { recall: 'R5', seeds: last })).toBe('');
    expect(within('R5')).toEqual(['Z71']);
  });

  it('of a lot that does not exist is refused', () => {
    const { chain, payload } = traded();
    const unknown = { ...payload(), seeds: [ref('nope')] };
    expect(chain.run('regulator', 'recalls', 'open', unknown).code).toBe('lots/unknown');
  });

  it('is stopped where its transaction reads or hashes too much', () => {
    const { chain, payload } = traded();
    const { state, hash, crypto, chainId, time_ms } = chain;
    const tx = { module: 'recalls', action: 'open', payload: payload() } as unknown as DecodedTx;
    const ctx = { hash, crypto, chainId, height: 99, time_ms, txId: new Uint8Array(32) };
    const signer = getAccount(state, 'regulator')!;
    const run = (reads_max: number) => applyRule(state, tx, { ...ctx, reads_max }, signer);
    let reads = 0;
    const get = (key: string) => {
      reads += 1;
      return state.get(key);
    };
    applyRule({ ...state, get }, tx, ctx, signer);
    // Two lots in scope.
    expect(() => run(reads + 11)).toThrow(expect.objectContaining({ code: 'tx/too-heavy' }));
    expect(run(reads + 12).scopes).toHaveLength(1);
  });

  it('sets the deadlines of the policy, in working days', () => {
    const recall = { start_h: [24, 48, 72], finish_workdays: [10, 20, 30] };
    const { chain, open } = traded({ recall });
    expect(open('regulator')).toBe('');
    const record = getRecall(chain.state, 'H-1');
    // The chain's clock stands at 2025-10-09, a Thursday; 20 weekdays later it is 6 November.
    expect(record).toMatchObject({
      policy: { id: 'rules', version: 1 },
      startDue: chain.time_ms + 48 * HOUR_MS,
      finishDue: Date.parse('2025-11-07T00:00+08:00'),
      uncalendared: true,
    });
  });

  it('has no deadline where no policy sets one', () => {
    const { chain, open } = traded();
    open('regulator');
    expect(getRecall(chain.state, 'H-1')?.finishDue).toBeUndefined();
  });
});

describe('a lot in scope', () => {
  it('is not shipped, transformed, labelled or activated from that block on; the others are', () => {
    const { chain, open, age, label, ship, harvest } = traded();
    harvest('coop', 'Y', 10);
    label('coop', 'C', 'LC', 2, 10);
    label('coop', 'X', 'LX', 2, 10);
    expect(open('regulator')).toBe('');
    const activate = (lot: string, batch: string) =>
      chain.run('coop', 'labels', 'activate', { ...ref(lot), batch, upTo: 1 }).code;
    const refused = 'recalls/in-scope';
    expect(ship('coop', 'shop', 'S2', [{ ...ref('C'), amount: 180 }])).toBe(refused);
    expect(ship('shop', 'kiosk', 'S3', [{ ...ref('B'), batch: 'L1', amount: 3 }])).toBe(refused);
    expect(age('coop', [{ lot: 'B', amount: 10 }], 'N1')).toBe(refused);
    expect(
      age(
        'coop',
        [
          { lot: 'X', amount: 10 },
          { lot: 'C', amount: 10 },
        ],
        'N1',
      ),
    ).toBe(refused);
    expect(label('coop', 'C', 'L9', 1, 10)).toBe(refused);
    expect(activate('C', 'LC')).toBe(refused);
    const part = { gtin: GTIN, lot: 'B', outputs: [{ lot: 'N2', amount: 10 }] };
    expect(chain.run('coop', 'lots', 'split', part).code).toBe(refused);

    expect(age('coop', [{ lot: 'A', amount: 10 }], 'N3')).toBe('');
    expect(label('coop', 'D', 'L9', 1, 10)).toBe('');
    expect(activate('X', 'LX')).toBe('');
    expect(ship('coop', 'shop', 'S4', [{ ...ref('Y'), amount: 10 }])).toBe('');
  });

  it('that was on its way can be received, and go back', () => {
    const { chain, open, ship, receive } = traded();
    const items = [{ ...ref('C'), amount: 200 }];
    expect(ship('coop', 'mill', 'S2', items)).toBe('');
    expect(open('regulator')).toBe('');
    expect(getRecallHolder(chain.state, 'H-1', 'coop')).toMatchObject({ due: { g: 350 } });
    expect(receive('mill', 'coop', 'S2', items)).toBe('');
    const back = { ...ref('C'), shipment: 'S3', reason: 'recall' };
    expect(chain.run('mill', 'lots', 'return', back).code).toBe('');
  });

  it('is accounted for by whom it reaches, and what was reported before stays where it was', () => {
    const { chain, open, report, ship, receive } = traded();
    const items = [{ ...ref('C'), amount: 200 }];
    expect(ship('coop', 'mill', 'S2', items)).toBe('');
    expect(open('regulator')).toBe('');
    const dueOf = (account: string) => getRecallHolder(chain.state, 'H-1', account)?.due.g;
    const whole = getRecall(chain.state, 'H-1')?.due;
    expect([dueOf('coop'), dueOf('shop'), dueOf('mill')]).toEqual([350, 150, undefined]);
    const short = [{ ...ref('C'), amount: 190, reason: 'spilt' }];
    expect(receive('mill', 'coop', 'S2', short)).toBe('');
    expect([dueOf('coop'), dueOf('shop'), dueOf('mill')]).toEqual([160, 150, 190]);
    expect(getRecallHolder(chain.state, 'H-1', 'mill')).toMatchObject({ lots: 1 });
    expect(getRecall(chain.state, 'H-1')).toMatchObject({ holders: 3, due: whole });

    // The shop has sold a pack; the other two go home.
    expect(report('shop', 0, 50)).toBe('');
    const back = { ...ref('B'), batch: 'L1', shipment: 'S3', reason: 'recall' };
    expect(chain.run('shop', 'lots', 'return', back).code).toBe('');
    expect(receive('coop', 'shop', 'S3', [{ ...ref('B'), batch: 'L1', amount: 3 }])).toBe('');
    expect([dueOf('coop'), dueOf('shop'), dueOf('mill')]).toEqual([260, 50, 190]);
    expect(getRecall(chain.state, 'H-1')).toMatchObject({ holders: 3, due: whole });

    expect(report('mill', 190)).toBe('');
    expect(report('coop', 260)).toBe('');
    expect(chain.run('regulator', 'recalls', 'close', { recall: 'H-1' }).code).toBe('');
  });

  it('stays with the sender when it is refused', () => {
    const { chain, open, ship } = traded();
    expect(ship('coop', 'mill', 'S2', [{ ...ref('C'), amount: 200 }])).toBe('');
    open('regulator');
    const no = { from: 'coop', shipment: 'S2', reason: 'recalled' };
    expect(chain.run('mill', 'custody', 'refuse', no).code).toBe('');
    expect(getRecallHolder(chain.state, 'H-1', 'coop')?.due.g).toBe(350);
    expect(getRecallHolder(chain.state, 'H-1', 'mill')).toBeUndefined();
  });

  it('is no matter of a drill when it moves', () => {
    const { chain, open, ship, receive } = traded();
    const items = [{ ...ref('C'), amount: 200 }];
    ship('coop', 'mill', 'S2', items);
    expect(open('coop', { mock: true })).toBe('');
    expect(receive('mill', 'coop', 'S2', items)).toBe('');
    expect(getRecallHolder(chain.state, 'D-1', 'mill')).toBeUndefined();
  });

  it('trades again when the recall is closed, and stays in its scope as history', () => {
    const { chain, open, run, report, age } = traded();
    open('regulator');
    report('coop', 350);
    report('shop', 0, 150);
    expect(age('coop', [{ lot: 'C', amount: 10 }], 'N1')).toBe('recalls/in-scope');
    expect(run('regulator', 'close')).toBe('');
    expect(age('coop', [{ lot: 'C', amount: 10 }], 'N1')).toBe('');
    expect(chain.state.inScope('H-1', lotKey(GTIN, 'C'))).toBe(true);
  });

  it('of a drill trades on as before', () => {
    const { chain, open, run, age, label, ship } = traded();
    expect(open('coop', { mock: true })).toBe('');
    expect(openRecalls(chain.state)).toEqual([]);
    expect(chain.state.inScope('D-1', lotKey(GTIN, 'C'))).toBe(true);
    expect(age('coop', [{ lot: 'B', amount: 10 }], 'N1')).toBe('');
    expect(label('coop', 'C', 'L9', 1, 10)).toBe('');
    expect(ship('shop', 'kiosk', 'S3', [{ ...ref('B'), batch: 'L1', amount: 3 }])).toBe('');
    const drill = { recall: 'D-1' };
    expect(run('coop', 'acknowledge', drill)).toBe('');
    const shortfall = { g: 500, count: 0, reason: 'drill' };
    expect(run('coop', 'close', { ...drill, shortfall })).toBe('');
    expect(chain.state.inScope('D-1', lotKey(GTIN, 'C'))).toBe(false);
    expect(openDrills(chain.state)).toEqual([]);
  });

  it('is in four open drills of one opener at most', () => {
    const { open, run } = traded();
    for (let n = 0; n < 5; n++) {
      const code = n < 4 ? '' : 'recalls/too-many-open';
      expect(open('coop', { recall: `D-${n}`, mock: true })).toBe(code);
    }
    expect(open('regulator', { recall: 'D-9', mock: true })).toBe('');
    const shortfall = { g: 500, count: 0, reason: 'drill' };
    expect(run('coop', 'close', { recall: 'D-2', shortfall })).toBe('');
    expect(open('coop', { recall: 'D-4', mock: true })).toBe('');
  });
});

describe('accounting for a recall', () => {
  it('is acknowledged by each holder once, and by nobody else', () => {
    const { chain, open, run } = traded();
    expect(run('coop', 'acknowledge')).toBe('recalls/unknown');
    open('regulator');
    expect(run('kiosk', 'acknowledge')).toBe('recalls/not-a-holder');
    expect(run('shop', 'acknowledge')).toBe('');
    expect(run('shop', 'acknowledge')).toBe('recalls/acknowledged');
    expect(getRecall(chain.state, 'H-1')?.acknowledged).toBe(1);
  });

  it('takes a report up to what was held, and a later one instead of it', () => {
    const { chain, open, report } = traded();
    open('regulator');
    expect(report('shop', 100, 51)).toBe('recalls/beyond-due');
    expect(report('shop', Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)).toBe(
      'recalls/beyond-due',
    );
    expect(report('shop', 100, 50)).toBe('');
    expect(report('shop', 40, 50)).toBe('');
    expect(report('coop', 350)).toBe('');
    expect(getRecall(chain.state, 'H-1')).toMatchObject({
      reported: { g: 440, count: 0 },
      acknowledged: 2,
    });
  });

  it('closes when all is reported, else with exactly the shortfall', () => {
    const { chain, open, run, report } = traded();
    open('regulator');
    report('coop', 350);
    report('shop', 100);
    const short = (g: number) => ({ shortfall: { g, count: 0, reason: 'sold by hand' } });
    expect(run('regulator', 'close')).toBe('recalls/not-reconciled');
    expect(run('regulator', 'close', short(49))).toBe('recalls/not-reconciled');
    expect(run('regulator', 'close', short(51))).toBe('recalls/not-reconciled');
    expect(run('coop', 'close', short(50))).toBe('recalls/not-closer');
    expect(run('regulator', 'close', short(50))).toBe('');
    expect(getRecall(chain.state, 'H-1')).toMatchObject({
      status: 'closed',
      shortfall: { g: 50, reason: 'sold by hand' },
    });
    expect(openRecalls(chain.state)).toEqual([]);
    expect(run('regulator', 'close')).toBe('recalls/closed');
    expect(report('shop', 150)).toBe('recalls/closed');
    expect(run('shop', 'acknowledge')).toBe('recalls/closed');
  });

  it('needs no shortfall where there is none', () => {
    const { open, run, report } = traded();
    open('coop');
    report('coop', 350);
    report('shop', 150);
    expect(run('regulator', 'close', { shortfall: { g: 0, count: 0, reason: 'none' } })).toBe(
      'recalls/not-reconciled',
    );
    // His own word is not enough to set his own goods free.
    expect(run('coop', 'close')).toBe('recalls/not-closer');
    expect(run('regulator', 'close')).toBe('');
  });
});
