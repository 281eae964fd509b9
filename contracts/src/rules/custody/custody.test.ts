import { describe, expect, it } from 'vitest';
import { portableCrypto } from '../../crypto/portable.ts';
import type { CborObject } from '../../encoding/types.ts';
import { MOVES_MAX } from '../../limits.ts';
import { leafHash } from '../../merkle/log-hash.ts';
import { logRoot } from '../../merkle/log-tree.ts';
import type { RuleBench } from '../../testing/rule-bench.ts';
import {
  createTrade,
  lotOf,
  MELON,
  MILL,
  MILL_2,
  MILL_YARD,
  PLOT_1,
  SHOP,
  TEA,
  VAN,
} from '../../testing/trade.ts';
import { getLabelBatch, unitLeaf } from '../labels/label.ts';
import { lotKey, placeOf } from '../lots/lot.ts';
import { recallScope } from '../recalls/scope.ts';
import { scopeRoot } from '../recalls/scope-tree.ts';
import { getShipment } from './shipment.ts';

/** grower-1 has 1000 g of tea, lot T. */
function withTea(): RuleBench {
  const bench = createTrade();
  bench.must('grower-1', 'lots.harvest', { gtin: TEA, lot: 'T', place: PLOT_1, amount: 1000 });
  return bench;
}

const TEA_ITEM = { gtin: TEA, lot: 'T', amount: 1000 };

function ship(bench: RuleBench, signer: string, change: CborObject = {}): string {
  const shipment = { shipment: 'S1', to: 'mill-1', place: MILL, items: [TEA_ITEM] };
  return bench.run(signer, 'custody.ship', { ...shipment, ...change });
}

function receive(bench: RuleBench, signer: string, change: CborObject = {}): string {
  const receipt = { from: 'grower-1', shipment: 'S1', items: [TEA_ITEM] };
  return bench.run(signer, 'custody.receive', { ...receipt, ...change });
}

const recall = (bench: RuleBench) => {
  const query = { seeds: [{ gtin: TEA, lot: 'T' }], siblings: false, ancestors: false };
  const lots = recallScope(bench.state, query);
  const scope = { root: scopeRoot(portableCrypto.hash('sha256'), lots), count: lots.length };
  const about = { recall: 'R1', level: 1, mock: false, reason: 'residue' };
  bench.must('regulator', 'recalls.open', { ...about, ...query, scope });
};

describe('a handover', () => {
  it('is signed by two; until the second the goods are the first’s and lie still', () => {
    const bench = withTea();
    expect(ship(bench, 'grower-1', { via: VAN })).toBe('');
    expect(lotOf(bench, TEA, 'T')).toMatchObject({
      holder: 'grower-1',
      transit: 'shipments/grower-1/S1',
      moves: [{ place: VAN, holder: 'grower-1' }],
    });
    const split = { gtin: TEA, lot: 'T', outputs: [{ lot: 'X', amount: 1 }] };
    expect(bench.run('grower-1', 'lots.split', split)).toBe('lots/in-transit');
    expect(
      bench.run('grower-1', 'lots.destroy', { gtin: TEA, lot: 'T', amount: 1, reason: 'x' }),
    ).toBe('lots/in-transit');
    expect(bench.run('grower-1', 'lots.re-weigh', { gtin: TEA, lot: 'T', amount: 1000 })).toBe(
      'lots/in-transit',
    );
    expect(bench.run('grower-1', 'custody.move', { gtin: TEA, lot: 'T', place: PLOT_1 })).toBe(
      'lots/in-transit',
    );
    expect(ship(bench, 'grower-1', { shipment: 'S2' })).toBe('lots/in-transit');
    expect(receive(bench, 'mill-1')).toBe('');
    const lot = lotOf(bench, TEA, 'T');
    expect(lot).toMatchObject({ holder: 'mill-1', left: 1000, lost: 0, maker: 'grower-1' });
    expect(lot).not.toHaveProperty('transit');
    expect(placeOf(lot)).toBe(MILL);
    expect(getShipment(bench.state, 'grower-1', 'S1')).toMatchObject({
      kind: 'delivery',
      status: 'received',
      fromPlace: PLOT_1,
      items: [{ ...TEA_ITEM, received: 1000 }],
    });
  });

  it('is received once, by the receiver, from a shipment that travels', () => {
    const bench = withTea();
    ship(bench, 'grower-1');
    expect(receive(bench, 'mill-2')).toBe('custody/not-the-receiver');
    expect(receive(bench, 'grower-1')).toBe('custody/not-the-receiver');
    expect(receive(bench, 'mill-1', { shipment: 'S2' })).toBe('custody/unknown');
    expect(receive(bench, 'mill-1')).toBe('');
    expect(receive(bench, 'mill-1')).toBe('custody/not-in-transit');
    expect(bench.run('grower-1', 'custody.cancel', { shipment: 'S1', reason: 'x' })).toBe(
      'custody/not-in-transit',
    );
  });

  it.each<[string, CborObject, string]>([
    ['a part', { items: [{ ...TEA_ITEM, amount: 999 }] }, 'custody/split-first'],
    ['more than there is', { items: [{ ...TEA_ITEM, amount: 1001 }] }, 'custody/split-first'],
    ['a lot twice', { items: [TEA_ITEM, TEA_ITEM] }, 'lots/named-twice'],
    ['a lot that nobody made', { items: [{ ...TEA_ITEM, lot: 'U' }] }, 'lots/unknown'],
    [
      'a batch that nobody issued',
      { items: [{ ...TEA_ITEM, batch: 'B' }] },
      'labels/unknown-batch',
    ],
    ['to oneself', { to: 'grower-1', place: PLOT_1 }, 'custody/own-goods'],
    ['to a place of another', { place: MILL_2 }, 'custody/no-receiver'],
    ['to nobody', { to: 'nobody' }, 'custody/no-receiver'],
    ['in a warehouse', { via: MILL }, 'custody/not-a-vehicle'],
    ['in a vehicle with a wrong check digit', { via: '6901234509999' }, 'rules/bad-payload'],
    ['before the harvest', { time: 1_759_999_000_000 }, 'lots/out-of-order'],
    ['nothing', { items: [] }, 'rules/bad-payload'],
  ])('does not ship %s', (_, change, code) => {
    expect(ship(withTea(), 'grower-1', change)).toBe(code);
  });

  it('does not ship what another holds, nor under a number used before', () => {
    const bench = withTea();
    expect(ship(bench, 'grower-2')).toBe('lots/not-holder');
    ship(bench, 'grower-1');
    expect(
      bench.run('mill-1', 'custody.refuse', { from: 'grower-1', shipment: 'S1', reason: 'wet' }),
    ).toBe('');
    expect(ship(bench, 'grower-1')).toBe('custody/exists');
  });

  it('ships only what lies together', () => {
    const bench = withTea();
    bench.must('grower-1', 'lots.split', {
      gtin: TEA,
      lot: 'T',
      outputs: [{ lot: 'U', amount: 400 }],
    });
    bench.must('grower-1', 'custody.ship', {
      shipment: 'A',
      to: 'mill-1',
      place: MILL,
      items: [{ gtin: TEA, lot: 'U', amount: 400 }],
    });
    bench.must('mill-1', 'custody.receive', {
      from: 'grower-1',
      shipment: 'A',
      items: [{ gtin: TEA, lot: 'U', amount: 400 }],
    });
    bench.must('mill-1', 'lots.split', {
      gtin: TEA,
      lot: 'U',
      outputs: [{ lot: 'V', amount: 100 }],
    });
    bench.must('mill-1', 'custody.move', { gtin: TEA, lot: 'V', place: MILL_YARD });
    const items = [
      { gtin: TEA, lot: 'U', amount: 300 },
      { gtin: TEA, lot: 'V', amount: 100 },
    ];
    const both = { shipment: 'B', to: 'shop', place: SHOP, items };
    expect(bench.run('mill-1', 'custody.ship', both)).toBe('lots/other-place');
    const merge = { gtin: TEA, inputs: items.map(({ gtin: _, ...item }) => item), lot: 'W' };
    expect(bench.run('mill-1', 'lots.merge', merge)).toBe('lots/other-place');
    bench.must('mill-1', 'custody.move', { gtin: TEA, lot: 'U', place: MILL_YARD });
    expect(bench.run('mill-1', 'custody.ship', both)).toBe('');
  });
});

describe('a difference on arrival', () => {
  it('is a loss with a reason, or written down where more came than was sent', () => {
    const bench = withTea();
    ship(bench, 'grower-1');
    const less = { ...TEA_ITEM, amount: 990 };
    expect(receive(bench, 'mill-1', { items: [less] })).toBe('custody/reason-needed');
    expect(receive(bench, 'mill-1', { items: [{ ...less, reason: 'torn sack' }] })).toBe('');
    expect(lotOf(bench, TEA, 'T')).toMatchObject({ left: 990, lost: 10 });
    const back = { shipment: 'S1', to: 'shop', place: SHOP, items: [less] };
    bench.must('mill-1', 'custody.ship', back);
    const more = [{ ...TEA_ITEM, amount: 995, reason: 'other scale' }];
    bench.must('shop', 'custody.receive', { from: 'mill-1', shipment: 'S1', items: more });
    expect(lotOf(bench, TEA, 'T')).toMatchObject({ left: 990, lost: 10, holder: 'shop' });
    expect(getShipment(bench.state, 'mill-1', 'S1')?.items[0]).toMatchObject({
      amount: 990,
      received: 995,
      reason: 'other scale',
    });
  });

  it('names every item once and no others', () => {
    const bench = withTea();
    ship(bench, 'grower-1');
    const other = { ...TEA_ITEM, lot: 'U' };
    expect(receive(bench, 'mill-1', { items: [other] })).toBe('custody/other-items');
    expect(receive(bench, 'mill-1', { items: [TEA_ITEM, other] })).toBe('custody/other-items');
    expect(receive(bench, 'mill-1', { items: [TEA_ITEM, TEA_ITEM] })).toBe('custody/other-items');
    const nothing = [{ ...TEA_ITEM, amount: 0, reason: 'stolen' }];
    expect(receive(bench, 'mill-1', { items: nothing })).toBe('');
    expect(lotOf(bench, TEA, 'T')).toMatchObject({ left: 0, lost: 1000 });
  });
});

describe('a journey that ends before its end', () => {
  it.each([
    ['mill-1', 'custody.refuse', { from: 'grower-1', shipment: 'S1', reason: 'wet' }, 'refused'],
    ['grower-1', 'custody.cancel', { shipment: 'S1', reason: 'rain' }, 'cancelled'],
  ])('leaves the goods with the sender: %s', (signer, action, payload, status) => {
    const bench = withTea();
    ship(bench, 'grower-1', { via: VAN });
    expect(
      bench.run('mill-2', 'custody.refuse', { from: 'grower-1', shipment: 'S1', reason: 'x' }),
    ).toBe('custody/not-the-receiver');
    expect(bench.run(signer, action, payload)).toBe('');
    const lot = lotOf(bench, TEA, 'T');
    expect(lot).toMatchObject({ holder: 'grower-1', left: 1000 });
    expect(lot).not.toHaveProperty('transit');
    expect(placeOf(lot)).toBe(PLOT_1);
    expect(getShipment(bench.state, 'grower-1', 'S1')?.status).toBe(status);
    expect(receive(bench, 'mill-1')).toBe('custody/not-in-transit');
  });
});

describe('moves', () => {
  it('go between own places, forward in time, as often as the record holds', () => {
    const bench = withTea();
    ship(bench, 'grower-1');
    receive(bench, 'mill-1');
    const move = (place: string, change: CborObject = {}) =>
      bench.run('mill-1', 'custody.move', { gtin: TEA, lot: 'T', place, ...change });
    expect(move(MILL_2)).toBe('rules/foreign-place');
    expect(move(MILL_YARD, { time: bench.time_ms - 1000 })).toBe('lots/out-of-order');
    for (let n = 1; n < MOVES_MAX; n += 1) expect(move(n % 2 ? MILL_YARD : MILL)).toBe('');
    expect(move(MILL)).toBe('lots/too-many-moves');
    const away = { shipment: 'S9', to: 'shop', place: SHOP, items: [TEA_ITEM] };
    expect(bench.run('mill-1', 'custody.ship', away)).toBe('lots/too-many-moves');
  });
});

describe('a listed product', () => {
  it('leaves its producer with his certificate about this lot only, mixed goods with the mixer’s', () => {
    const bench = createTrade();
    bench.must('grower-1', 'lots.harvest', { gtin: MELON, lot: 'M', place: PLOT_1, amount: 300 });
    const certify = (n: number, signer: string, lot: string, change: CborObject = {}) => {
      const hash = new Uint8Array(32).fill(n);
      bench.must(signer, 'documents.register', {
        hash,
        kind: 'conformity',
        mime: 'application/pdf',
        size_bytes: 1,
        title: 'conformity',
        issuedAt: bench.time_ms,
        validFrom: bench.time_ms,
        subjects: [lotKey(MELON, lot)],
        conformity: { amount: 300, origin: 'plot', basis: ['self-test'] },
        ...change,
      });
      return hash;
    };
    const send = (
      signer: string,
      to: string,
      place: string,
      lot: string,
      documents: Uint8Array[],
    ) =>
      bench.run(signer, 'custody.ship', {
        shipment: `${lot}-${to}`,
        to,
        place,
        items: [{ gtin: MELON, lot, amount: lotOf(bench, MELON, lot).left }],
        documents,
      });
    expect(send('grower-1', 'mill-1', MILL, 'M', [])).toBe('custody/conformity-needed');
    expect(send('grower-1', 'mill-1', MILL, 'M', [new Uint8Array(32)])).toBe(
      'custody/conformity-needed',
    );
    const expired = certify(1, 'grower-1', 'M', { validUntil: bench.time_ms + 5 });
    bench.advance(10);
    expect(send('grower-1', 'mill-1', MILL, 'M', [expired])).toBe('custody/conformity-needed');
    const revoked = certify(2, 'grower-1', 'M');
    bench.must('grower-1', 'documents.revoke', { hash: revoked, reason: 'wrong' });
    expect(send('grower-1', 'mill-1', MILL, 'M', [revoked])).toBe('custody/conformity-needed');
    const conformity = { amount: 299, origin: 'plot', basis: ['self-test'] };
    const little = certify(9, 'grower-1', 'M', { conformity });
    expect(send('grower-1', 'mill-1', MILL, 'M', [little])).toBe('custody/conformity-needed');
    expect(send('grower-1', 'mill-1', MILL, 'M', [expired, certify(3, 'grower-1', 'M')])).toBe('');
    bench.must('mill-1', 'custody.receive', {
      from: 'grower-1',
      shipment: 'M-mill-1',
      items: [{ gtin: MELON, lot: 'M', amount: 300 }],
    });
    // Cut in two by the buyer it is still the grower's; graded it is the buyer's own.
    bench.must('mill-1', 'lots.split', {
      gtin: MELON,
      lot: 'M',
      outputs: [{ lot: 'N', amount: 100 }],
    });
    expect(send('mill-1', 'shop', SHOP, 'N', [])).toBe('');
    bench.must('mill-1', 'lots.transform', {
      inputs: [{ gtin: MELON, lot: 'M', amount: 200 }],
      outputs: [{ gtin: MELON, lot: 'O', amount: 190 }],
      place: MILL,
      process: 'grade',
    });
    expect(send('mill-1', 'shop', SHOP, 'O', [])).toBe('custody/conformity-needed');
    expect(send('mill-1', 'shop', SHOP, 'O', [certify(4, 'mill-1', 'O')])).toBe('');
  });
});

describe('label batches', () => {
  const item = { gtin: TEA, lot: 'T', batch: 'B' };

  it('travel whole once packed, and units that do not arrive are missing', () => {
    const bench = withTea();
    const hash = (data: Uint8Array) => leafHash((b) => b.slice(0, 32), data);
    const root = logRoot(() => new Uint8Array(32), [hash(unitLeaf(TEA, 'T', 'S'.repeat(20)))]);
    bench.must('grower-1', 'labels.issue', { ...item, root, count: 10, net: 50 });
    const send = (amount: number) =>
      ship(bench, 'grower-1', { items: [{ ...item, amount }], via: VAN });
    bench.must('grower-1', 'labels.activate', { ...item, upTo: 8 });
    expect(send(8)).toBe('custody/not-packed');
    bench.must('grower-1', 'labels.close', item);
    bench.must('grower-1', 'labels.void', { ...item, index: 0, reason: 'torn' });
    expect(send(8)).toBe('custody/split-first');
    expect(send(7)).toBe('');
    expect(send(7)).toBe('custody/exists');
    const arrived = [{ ...item, amount: 5, reason: 'two crushed' }];
    expect(receive(bench, 'mill-1', { items: [{ gtin: TEA, lot: 'T', amount: 7 }] })).toBe(
      'custody/other-items',
    );
    expect(receive(bench, 'mill-1', { items: arrived })).toBe('');
    expect(getLabelBatch(bench.state, TEA, 'T', 'B')).toMatchObject({
      holder: 'mill-1',
      missing: 2,
      moves: [
        { place: VAN, holder: 'grower-1' },
        { place: MILL, holder: 'mill-1' },
      ],
    });
    expect(lotOf(bench, TEA, 'T')).toMatchObject({ holder: 'grower-1', left: 600, lost: 0 });
    const back = { ...item, shipment: 'R', reason: 'dented' };
    expect(bench.run('grower-1', 'lots.return', back)).toBe('lots/not-holder');
    expect(bench.run('mill-1', 'lots.return', back)).toBe('');
    expect(getShipment(bench.state, 'mill-1', 'R')).toMatchObject({
      kind: 'return',
      to: 'grower-1',
      toPlace: PLOT_1,
      items: [{ ...item, amount: 5 }],
    });
  });
});

describe('returns and recalls', () => {
  it('a recalled lot is not shipped or made into others, but moved, destroyed, received and returned', () => {
    const bench = withTea();
    ship(bench, 'grower-1', { via: VAN });
    recall(bench);
    expect(receive(bench, 'mill-1')).toBe('');
    const onwards = { shipment: 'S2', to: 'shop', place: SHOP, items: [TEA_ITEM] };
    expect(bench.run('mill-1', 'custody.ship', onwards)).toBe('recalls/in-scope');
    const split = { gtin: TEA, lot: 'T', outputs: [{ lot: 'X', amount: 1 }] };
    expect(bench.run('mill-1', 'lots.split', split)).toBe('recalls/in-scope');
    const mill = {
      inputs: [TEA_ITEM],
      outputs: [{ gtin: TEA, lot: 'Y', amount: 1 }],
      place: MILL,
      process: 'clean',
    };
    expect(bench.run('mill-1', 'lots.transform', mill)).toBe('recalls/in-scope');
    const id = { gtin: TEA, lot: 'T' };
    expect(bench.run('mill-1', 'custody.move', { ...id, place: MILL_YARD })).toBe('');
    expect(bench.run('mill-1', 'lots.destroy', { ...id, amount: 10, reason: 'recall' })).toBe('');
    expect(bench.run('mill-1', 'lots.return', { ...id, shipment: 'R', reason: 'recall' })).toBe('');
    const items = [{ ...TEA_ITEM, amount: 990 }];
    expect(bench.run('grower-1', 'custody.receive', { from: 'mill-1', shipment: 'R', items })).toBe(
      '',
    );
    expect(bench.run('grower-1', 'lots.return', { ...id, shipment: 'R', reason: 'x' })).toBe(
      'custody/never-received',
    );
  });

  it('go back the way that the goods came, step by step, the parts of a lot as the whole', () => {
    const bench = withTea();
    const hand = (from: string, to: string, place: string, lot: string, amount: number) => {
      const items = [{ gtin: TEA, lot, amount }];
      bench.must(from, 'custody.ship', { shipment: `${lot}-${to}`, to, place, via: VAN, items });
      bench.must(to, 'custody.receive', { from, shipment: `${lot}-${to}`, items });
    };
    const goBack = (from: string, lot: string, amount: number): string => {
      const id = { gtin: TEA, lot };
      bench.must(from, 'lots.return', { ...id, shipment: `back-${lot}`, via: VAN, reason: 'x' });
      const shipment = getShipment(bench.state, from, `back-${lot}`);
      const receipt = { from, shipment: `back-${lot}`, items: [{ ...id, amount }] };
      bench.must(shipment?.to ?? '', 'custody.receive', receipt);
      return `${shipment?.to} ${shipment?.toPlace}`;
    };
    hand('grower-1', 'mill-1', MILL, 'T', 1000);
    hand('mill-1', 'mill-2', MILL_2, 'T', 1000);
    bench.must('mill-2', 'lots.split', {
      gtin: TEA,
      lot: 'T',
      outputs: [{ lot: 'U', amount: 300 }],
    });
    hand('mill-2', 'shop', SHOP, 'T', 700);
    expect(goBack('mill-2', 'U', 300)).toBe(`mill-1 ${MILL}`);
    expect(goBack('mill-1', 'U', 300)).toBe(`grower-1 ${PLOT_1}`);
    expect(goBack('shop', 'T', 700)).toBe(`mill-2 ${MILL_2}`);
    expect(goBack('mill-2', 'T', 700)).toBe(`mill-1 ${MILL}`);
  });
});
