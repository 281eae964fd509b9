// Labels from issue to reveal, over the real rules of lots and custody.
import { describe, expect, it } from 'vitest';
import type { CborObject } from '../../encoding/types.ts';
import { leafHash } from '../../merkle/log-hash.ts';
import { inclusionProof } from '../../merkle/log-proof.ts';
import { logRoot } from '../../merkle/log-tree.ts';
import { getLot } from '../lots/lot.ts';
import { createTrade, GTIN, YARD } from '../testing/trade.ts';
import { MONTH_MS } from './age.ts';
import { getLabelBatch, hiddenCommitment, liveUnits, unitLeaf } from './label.ts';

const CODE = 'ABCDEFGHJKMNP';
const ID = { gtin: GTIN, lot: 'A', batch: 'L1' };

/** A lot of 1000 g at `coop`, and label batch L1 of 10 units of 50 g. */
function labelled(change: CborObject = {}) {
  const trade = createTrade();
  trade.harvest('coop', 'A', 1000);
  const code = trade.label('coop', 'A', 'L1', 10, 50, change);
  if (code !== '') throw new Error(code);
  return trade;
}

describe('label batches', () => {
  it('are named in the list of their lot, in order', () => {
    const { chain, label } = labelled();
    expect(label('coop', 'A', 'L/2', 1, 50)).toBe('');
    expect(chain.value(`label-list/${GTIN}/A/0`)).toBe('L1');
    expect(chain.value(`label-list/${GTIN}/A/1`)).toBe('L/2');
    expect(getLot(chain.state, GTIN, 'A')?.batches).toBe(2);
    expect(getLabelBatch(chain.state, GTIN, 'A', 'L1')).toMatchObject({
      hidden: false,
      activated: 0,
      holder: 'coop',
    });
  });

  it('never hold more than the lot has left, nor of a lot that travels or is another’s', () => {
    const { chain, label, ship } = labelled();
    expect(label('coop', 'A', 'L2', 11, 50)).toBe('labels/beyond-mass');
    expect(label('coop', 'A', 'L2', 1_000_000, 1_000_000_000_000)).toBe('labels/beyond-mass');
    expect(label('coop', 'A', 'L1', 1, 50)).toBe('labels/exists');
    expect(label('shop', 'A', 'L2', 1, 50)).toBe('lots/not-holder');
    expect(label('coop', 'B', 'L2', 1, 50)).toBe('lots/unknown');
    expect(label('coop', 'A', 'L2', 0, 50)).toBe('rules/bad-payload');
    ship('coop', 'shop', 'S1', [{ gtin: GTIN, lot: 'A', amount: 500 }]);
    expect(label('coop', 'A', 'L2', 1, 50)).toBe('lots/in-transit');
    chain.must('coop', 'custody', 'cancel', { shipment: 'S1', reason: 'late' });
    expect(label('coop', 'A', 'L2', 10, 50)).toBe('');
  });

  it('are activated upwards by their issuer, and not beyond their count', () => {
    const { chain } = labelled();
    const activate = (by: string, upTo: number) =>
      chain.run(by, 'labels', 'activate', { ...ID, upTo }).code;
    expect(activate('shop', 4)).toBe('labels/not-holder');
    expect(activate('coop', 11)).toBe('labels/bad-activation');
    expect(activate('coop', 4)).toBe('');
    expect(activate('coop', 4)).toBe('labels/bad-activation');
    expect(activate('coop', 3)).toBe('labels/bad-activation');
    expect(activate('coop', 10)).toBe('');
    expect(chain.run('coop', 'labels', 'activate', { ...ID, batch: 'X', upTo: 1 }).code).toBe(
      'labels/unknown-batch',
    );
  });

  it('stay the issuer’s to activate when somebody else holds them', () => {
    const { chain, ship, receive } = labelled();
    chain.must('coop', 'labels', 'activate', { ...ID, upTo: 5 });
    chain.must('coop', 'labels', 'close', ID);
    const items = [{ ...ID, amount: 5 }];
    ship('coop', 'shop', 'S1', items);
    const unit = { ...ID, index: 0, reason: 'torn' };
    expect(chain.run('coop', 'labels', 'void', unit).code).toBe('lots/in-transit');
    receive('shop', 'coop', 'S1', items);
    expect(chain.run('coop', 'labels', 'void', unit).code).toBe('labels/not-holder');
    expect(chain.run('shop', 'labels', 'void', unit).code).toBe('');
    expect(chain.run('shop', 'labels', 'activate', { ...ID, upTo: 6 }).code).toBe(
      'labels/not-issuer',
    );
  });

  it('lose a unit once, and only one that is on a pack', () => {
    const { chain } = labelled();
    chain.must('coop', 'labels', 'activate', { ...ID, upTo: 2 });
    const voidUnit = (index: number) =>
      chain.run('coop', 'labels', 'void', { ...ID, index, reason: 'torn' }).code;
    expect(voidUnit(2)).toBe('labels/not-activated');
    expect(voidUnit(1)).toBe('');
    expect(voidUnit(1)).toBe('labels/voided');
    const batch = getLabelBatch(chain.state, GTIN, 'A', 'L1');
    expect(batch === undefined ? -1 : liveUnits(batch)).toBe(1);
    expect(chain.value(`voids/${GTIN}/A/L1/1`)).toMatchObject({ reason: 'torn', by: 'coop' });
  });

  it('give back on closing what was not packed; the amounts of the lot still add up', () => {
    const { chain } = labelled();
    chain.must('coop', 'labels', 'activate', { ...ID, upTo: 3 });
    chain.must('coop', 'labels', 'close', ID);
    expect(getLot(chain.state, GTIN, 'A')).toMatchObject({ made: 1000, left: 850, labelled: 150 });
    expect(chain.run('coop', 'labels', 'close', ID).code).toBe('labels/closed');
    expect(chain.run('coop', 'labels', 'activate', { ...ID, upTo: 4 }).code).toBe('labels/closed');
  });

  it('give nothing back to a lot whose bulk is somebody else’s by now', () => {
    const { chain, ship, receive } = labelled();
    const items = [{ gtin: GTIN, lot: 'A', amount: 500 }];
    ship('coop', 'shop', 'S1', items);
    expect(chain.run('coop', 'labels', 'close', ID).code).toBe('lots/in-transit');
    receive('shop', 'coop', 'S1', items);
    expect(chain.run('coop', 'labels', 'close', ID).code).toBe('lots/not-holder');
  });
});

describe('the age on a label', () => {
  it('is not below what the policy asks', () => {
    const { chain, harvest, label } = createTrade({ ageing_months_min: 36 });
    harvest('coop', 'A', 1000);
    chain.advance(36 * MONTH_MS - 3_600_000);
    expect(label('coop', 'A', 'L1', 1, 50)).toBe('labels/too-young');
    chain.advance(3_600_000);
    expect(label('coop', 'A', 'L1', 1, 50)).toBe('');
  });

  it('is not above what the ledger knows: peel of one month is not ten years old', () => {
    const { chain, harvest, label } = createTrade();
    harvest('coop', 'A', 1000, { claimedAge_months: 120 });
    chain.advance(MONTH_MS);
    expect(label('coop', 'A', 'L1', 1, 50)).toBe('labels/age-beyond-ledger');
    chain.advance(119 * MONTH_MS);
    expect(label('coop', 'A', 'L1', 1, 50)).toBe('');
  });

  it('does not grow by ageing further: what is made of a lot is as old as its youngest input', () => {
    const { chain, harvest, label } = createTrade();
    harvest('coop', 'A', 1000);
    chain.advance(12 * MONTH_MS);
    chain.must('coop', 'lots', 'transform', {
      inputs: [{ gtin: GTIN, lot: 'A', amount: 1000 }],
      outputs: [{ gtin: GTIN, lot: 'B', amount: 900, claimedAge_months: 24 }],
      place: YARD.coop,
      process: 'age',
    });
    expect(label('coop', 'B', 'L1', 1, 50)).toBe('labels/age-beyond-ledger');
    chain.advance(12 * MONTH_MS);
    expect(label('coop', 'B', 'L1', 1, 50)).toBe('');
  });
});

describe('the code under the scratch layer', () => {
  /** Batch L1 of 5 units with hidden codes, the first 4 on packs. */
  function scratch() {
    const trade = createTrade();
    trade.harvest('coop', 'A', 1000);
    const { chain } = trade;
    const leaves = Array.from({ length: 5 }, (_, i) => {
      const unit = { gtin: GTIN, lot: 'A', serial: `S${i}` };
      const commitment = hiddenCommitment(chain.hash, unit, `${CODE}${i}`);
      return leafHash(chain.hash, unitLeaf(GTIN, 'A', unit.serial, commitment));
    });
    const root = logRoot(chain.hash, leaves);
    expect(trade.label('coop', 'A', 'L1', 5, 50, { root, hidden: true })).toBe('');
    chain.must('coop', 'labels', 'activate', { ...ID, upTo: 4 });
    const payload = (i: number): CborObject => ({
      ...ID,
      index: i,
      serial: `S${i}`,
      code: `${CODE}${i}`,
      proof: inclusionProof(chain.hash, leaves, i),
    });
    const reveal = (i: number, change: CborObject = {}) =>
      chain.run('shop', 'labels', 'reveal', { ...payload(i), ...change }).code;
    return { ...trade, reveal, payload };
  }

  it('is taken to the ledger once, by whoever holds it', () => {
    const { chain, reveal, payload } = scratch();
    expect(reveal(2)).toBe('');
    expect(chain.value(`reveals/${GTIN}/A/S2`)).toMatchObject({
      batch: 'L1',
      index: 2,
      by: 'shop',
    });
    expect(reveal(2)).toBe('labels/already-revealed');
    expect(chain.run('coop', 'labels', 'reveal', payload(2)).code).toBe('labels/already-revealed');
    expect(reveal(3)).toBe('');
  });

  it('is that of its own unit', () => {
    const { reveal, payload } = scratch();
    expect(reveal(1, { code: `${CODE}2` })).toBe('labels/wrong-code');
    expect(reveal(1, { serial: 'S2' })).toBe('labels/wrong-code');
    expect(reveal(1, { index: 2 })).toBe('labels/wrong-code');
    expect(reveal(1, { index: 7 })).toBe('labels/wrong-code');
    expect(reveal(1, { proof: [] })).toBe('labels/wrong-code');
    expect(reveal(1, { ...payload(2), code: `${CODE}1` })).toBe('labels/wrong-code');
    expect(reveal(1, { code: 'SHORT' })).toBe('rules/bad-payload');
    expect(reveal(1, { code: CODE.toLowerCase() })).toBe('rules/bad-payload');
    expect(reveal(1)).toBe('');
  });

  it('of a unit that was never packed, or is void, proves nothing', () => {
    const { chain, reveal } = scratch();
    expect(reveal(4)).toBe('labels/not-activated');
    chain.must('coop', 'labels', 'void', { ...ID, index: 0, reason: 'torn' });
    expect(reveal(0)).toBe('labels/voided');
  });

  it('is refused where labels have none', () => {
    const { chain } = labelled();
    const payload = { ...ID, index: 0, serial: 'S0', code: CODE, proof: [] };
    expect(chain.run('shop', 'labels', 'reveal', payload).code).toBe('labels/no-hidden-code');
  });
});
