import { describe, expect, it } from 'vitest';
import { portableCrypto } from '../../crypto/portable.ts';
import { bytesToHex } from '../../encoding/bytes.ts';
import { leafHash } from '../../merkle/log-hash.ts';
import { logRoot } from '../../merkle/log-tree.ts';
import { unitLeaf } from '../../rules/labels/label.ts';
import { lotKey } from '../../rules/lots/lot.ts';
import { scopeRoot } from '../../rules/recalls/scope-tree.ts';
import { testSecret } from '../../testing/test-chain.ts';
import { MILL, MILL_YARD, PLOT_1, TEA, VAN } from '../../testing/trade.ts';
import { eventProblems } from './check-event.ts';
import { eventHash } from './event-hash.ts';
import { deviceLink, goodsLink, placeLink } from './ids.ts';
import {
  LEDGER_CONTEXT,
  LEDGER_LD_CONTEXT,
  ledgerEvents,
  SENSOR_PACKS_MAX,
  type SensorSummary,
} from './ledger-event.ts';
import { readEpcisDocument } from './read-document.ts';
import { telling } from './testing/telling.ts';

const hash = portableCrypto.hash('sha256');
const DEVICE = '6901234room2';

const kg = (lot: string, quantity: number) => ({
  epcClass: goodsLink(TEA, lot),
  quantity,
  uom: 'KGM',
});

/** Tea from the field to labelled packs, by every action that has events. */
function season() {
  const { bench, told, act } = telling();
  const item = (lot: string, amount: number) => ({ gtin: TEA, lot, amount });
  act('grower-1', 'lots.harvest', { ...item('A', 5000), place: PLOT_1, note: 'first pick' });
  const shipped = act('grower-1', 'custody.ship', {
    shipment: 'S/1',
    to: 'mill-1',
    place: MILL,
    via: VAN,
    items: [item('A', 5000)],
  });
  const received = act('mill-1', 'custody.receive', {
    from: 'grower-1',
    shipment: 'S/1',
    items: [{ ...item('A', 4900), reason: 'torn sack' }],
  });
  act('mill-1', 'custody.move', { gtin: TEA, lot: 'A', place: MILL_YARD });
  const transformed = act('mill-1', 'lots.transform', {
    inputs: [item('A', 4000)],
    outputs: [item('B', 3000)],
    place: MILL,
    process: 'dry',
  });
  act('mill-1', 'lots.split', { gtin: TEA, lot: 'B', outputs: [{ lot: 'C', amount: 1000 }] });
  act('mill-1', 'lots.split', { gtin: TEA, lot: 'B', outputs: [{ lot: 'D', amount: 500 }] });
  act('mill-1', 'lots.merge', {
    gtin: TEA,
    lot: 'E',
    inputs: [
      { lot: 'C', amount: 400 },
      { lot: 'D', amount: 500 },
    ],
  });
  act('mill-1', 'lots.re-weigh', item('E', 900));
  const destroyed = act('mill-1', 'lots.destroy', { ...item('E', 100), reason: 'mould' });
  const root = logRoot(hash, [leafHash(hash, unitLeaf(TEA, 'E', 'S1'))]);
  const batch = { gtin: TEA, lot: 'E', batch: 'P1' };
  act('mill-1', 'labels.issue', { ...batch, root, count: 8, net: 50 });
  act('mill-1', 'labels.activate', { ...batch, upTo: 3 });
  const activated = act('mill-1', 'labels.activate', { ...batch, upTo: 5 });
  act('mill-1', 'labels.void', { ...batch, index: 2, reason: 'torn' });
  const closed = act('mill-1', 'labels.close', batch);
  const scope = { root: scopeRoot(hash, [lotKey(TEA, 'E')]), count: 1 };
  const recall = { level: 2, reason: 'residue', siblings: false, ancestors: false, scope };
  const seeds = [{ gtin: TEA, lot: 'E' }];
  const drill = act('regulator', 'recalls.open', { ...recall, recall: 'M1', mock: true, seeds });
  const opened = act('regulator', 'recalls.open', { ...recall, recall: 'R1', mock: false, seeds });
  const key = portableCrypto.publicKeyOf(testSecret('es256', 'device'));
  act('mill-1', 'devices.register', {
    id: DEVICE,
    key: { suite: key.suite, key: key.bytes },
    holder: 'mill-1',
    interval_s: 60,
    quantities: ['temperature'],
    place: MILL,
  });
  const assigned = act('mill-1', 'devices.assign', { id: DEVICE, place: MILL_YARD });
  act('mill-1', 'devices.revoke', { id: DEVICE });
  const named = { shipped, received, transformed, destroyed, activated, closed };
  return { bench, told, ...named, drill, opened, assigned };
}

describe('the ledger as EPCIS events', () => {
  const trade = season();
  const all = trade.told.flatMap(({ events }) => events);

  it('tells every action that moves goods or devices', () => {
    const silent = trade.told.filter(({ events }) => events.length === 0);
    expect(silent.map(({ tx }) => `${tx.module}.${tx.action}`)).toEqual(['recalls.open']);
    expect(trade.drill).toEqual([]);
    expect(all.length).toBe(trade.told.length);
  });

  it('makes events that everyone accepts, each with its own hash as id', () => {
    for (const event of all) {
      expect(eventProblems(event, LEDGER_CONTEXT)).toEqual([]);
      expect(event.eventID).toBe(eventHash(event, LEDGER_CONTEXT));
      expect(readEpcisDocument(event).events).toEqual([event]);
    }
    expect(new Set(all.map(({ eventID }) => eventID)).size).toBe(all.length);
    const document = {
      '@context': LEDGER_LD_CONTEXT,
      type: 'EPCISDocument',
      schemaVersion: '2.0',
      creationDate: '2026-01-01T00:00:00Z',
      epcisBody: { eventList: all },
    };
    const read = readEpcisDocument(JSON.parse(JSON.stringify(document)));
    expect(read.events.map((event) => eventHash(event, read.context))).toEqual(
      all.map(({ eventID }) => eventID),
    );
  });

  it('makes the same events from any later state', () => {
    for (const { tx, events } of trade.told) {
      expect(ledgerEvents(tx, trade.bench.state)).toEqual(events);
    }
  });

  it('holds no proof of itself', () => {
    for (const { tx, events } of trade.told) {
      expect(JSON.stringify(events)).not.toContain(bytesToHex(tx.txId));
    }
  });

  it('says from where to where, and what was missing on arrival', () => {
    const party = (id: string) => `urn:suyuan:${bytesToHex(trade.bench.chainId)}:account:${id}`;
    expect(trade.shipped).toMatchObject([
      {
        type: 'ObjectEvent',
        action: 'OBSERVE',
        bizStep: 'shipping',
        disposition: 'in_transit',
        quantityList: [kg('A', 5)],
        readPoint: { id: placeLink(PLOT_1) },
        bizLocation: { id: placeLink(VAN) },
        sourceList: [{ source: party('grower-1') }, { source: placeLink(PLOT_1) }],
        destinationList: [{ destination: party('mill-1') }, { destination: placeLink(MILL) }],
        bizTransactionList: [{ type: 'desadv' }],
      },
    ]);
    expect(trade.received).toMatchObject([
      {
        bizStep: 'receiving',
        disposition: 'mismatch_quantity',
        quantityList: [kg('A', 4.9)],
        bizLocation: { id: placeLink(MILL) },
        'suyuan:differences': [{ 'suyuan:sent': 5000, 'suyuan:received': 4900 }],
      },
    ]);
  });

  it('says what became of what, and what is gone', () => {
    expect(trade.transformed).toMatchObject([
      {
        type: 'TransformationEvent',
        inputQuantityList: [kg('A', 4)],
        outputQuantityList: [kg('B', 3)],
        'suyuan:process': 'dry',
      },
    ]);
    expect(trade.destroyed).toMatchObject([
      { action: 'DELETE', bizStep: 'destroying', quantityList: [kg('E', 0.1)] },
    ]);
    const units = (quantity: number) => [{ epcClass: goodsLink(TEA, 'E'), quantity }];
    expect(trade.activated).toMatchObject([{ bizStep: 'packing', quantityList: units(2) }]);
    expect(trade.closed).toMatchObject([{ bizStep: 'decommissioning', quantityList: units(3) }]);
  });

  it('marks what is recalled, and follows devices from place to place', () => {
    expect(trade.opened).toMatchObject([
      {
        disposition: 'recalled',
        persistentDisposition: { set: ['recalled'] },
        quantityList: [{ epcClass: goodsLink(TEA, 'E') }],
      },
    ]);
    expect(trade.assigned).toMatchObject([
      { type: 'AssociationEvent', action: 'DELETE', parentID: placeLink(MILL) },
      { action: 'ADD', parentID: placeLink(MILL_YARD), childEPCs: [deviceLink(DEVICE)] },
    ]);
  });

  it('tells purchases, returns and journeys that end early', () => {
    const { bench, told, act } = telling();
    const tea = (lot: string) => ({ gtin: TEA, lot, amount: 1000 });
    const bought = act('mill-1', 'lots.purchase', {
      ...tea('P'),
      place: MILL,
      grower: 'grower-1',
      plot: PLOT_1,
    });
    expect(bought).toMatchObject([
      {
        action: 'ADD',
        bizLocation: { id: placeLink(MILL) },
        ilmd: { 'suyuan:process': 'purchase' },
      },
    ]);
    expect(JSON.stringify(bought[0]?.sourceList)).toContain(placeLink(PLOT_1));
    for (const lot of ['X', 'Y', 'Z']) {
      act('grower-1', 'lots.harvest', { ...tea(lot), place: PLOT_1 });
      const items = [tea(lot)];
      act('grower-1', 'custody.ship', { shipment: lot, to: 'mill-1', place: MILL, items });
    }
    const refusal = { from: 'grower-1', shipment: 'X', reason: 'wet' };
    expect(act('mill-1', 'custody.refuse', refusal)).toMatchObject([
      { bizStep: 'void_shipping', disposition: 'returned', bizLocation: { id: placeLink(PLOT_1) } },
    ]);
    expect(act('grower-1', 'custody.cancel', { shipment: 'Y', reason: 'storm' })).toMatchObject([
      { bizStep: 'void_shipping', disposition: 'in_progress' },
    ]);
    act('mill-1', 'custody.receive', { from: 'grower-1', shipment: 'Z', items: [tea('Z')] });
    const back = { gtin: TEA, lot: 'Z', shipment: 'R', reason: 'too old' };
    expect(act('mill-1', 'lots.return', back)).toMatchObject([
      {
        bizStep: 'shipping',
        disposition: 'returned',
        bizTransactionList: [{ type: 'rma' }],
        'suyuan:reason': 'too old',
      },
    ]);
    for (const { tx, events } of told) {
      expect(events.length).toBe(1);
      expect(events.flatMap((event) => eventProblems(event, LEDGER_CONTEXT))).toEqual([]);
      expect(ledgerEvents(tx, bench.state)).toEqual(events);
    }
  });

  it('tells the calls of a batch one by one, equal ones too', () => {
    const { act } = telling();
    act('grower-1', 'lots.harvest', { gtin: TEA, lot: 'A', amount: 5000, place: PLOT_1 });
    const call = {
      module: 'lots',
      action: 'destroy',
      payload: { gtin: TEA, lot: 'A', amount: 1, reason: 'mould' },
    };
    const events = act('grower-1', 'batch.run', { calls: [call, call] });
    expect(events).toMatchObject([{ bizStep: 'destroying' }, { bizStep: 'destroying' }]);
    expect(events[0]?.eventID).not.toBe(events[1]?.eventID);
  });

  it('carries what sensors said of the goods, with the packs it rests on', () => {
    const pack = (n: number) => new Uint8Array(32).fill(n);
    const summary: SensorSummary = {
      device: DEVICE,
      quantity: 'temperature',
      from_ms: 1_760_000_000_000,
      to_ms: 1_760_000_060_000,
      min: -1250,
      max: 4005,
      mean: 1377,
      count: 3,
      packCount: 1,
      packHashes: [pack(1)],
      packsHash: pack(9),
    };
    const two = { packCount: 2, packHashes: [pack(1), pack(2)] };
    const sensors: SensorSummary[] = [
      summary,
      { ...summary, quantity: 'humidity', ...two },
      { ...summary, quantity: 'mass', packCount: SENSOR_PACKS_MAX + 1, packHashes: [] },
    ];
    const many = `ni:///sha-256;${'CQkJ'.repeat(10)}CQk`;
    const { tx, events } = trade.told[0]!;
    const told = ledgerEvents(tx, trade.bench.state, { sensorsOf: () => sensors });
    expect(told).toMatchObject([
      {
        sensorElementList: [
          {
            sensorMetadata: {
              deviceID: deviceLink(DEVICE),
              rawData: `urn:suyuan:pack:${'01'.repeat(32)}`,
            },
            sensorReport: [
              {
                type: 'Temperature',
                minValue: -1.25,
                maxValue: 4.005,
                meanValue: 1.377,
                uom: 'CEL',
              },
            ],
          },
          {
            sensorMetadata: { rawData: many, 'suyuan:packs': { length: 2 } },
            sensorReport: [{ uom: 'P1', 'suyuan:count': 3 }],
          },
          { sensorMetadata: { rawData: many, 'suyuan:packCount': SENSOR_PACKS_MAX + 1 } },
        ],
      },
    ]);
    expect(told.flatMap((event) => eventProblems(event, LEDGER_CONTEXT))).toEqual([]);
    expect(told[0]?.eventID).not.toBe(events[0]?.eventID);
  });

  it('is silent about everything else', () => {
    const { tx } = trade.told[0]!;
    const other = { ...tx, module: 'policies', action: 'adopt' };
    expect(ledgerEvents(other, trade.bench.state)).toEqual([]);
    expect(ledgerEvents({ ...other, module: '__proto__' }, trade.bench.state)).toEqual([]);
  });
});
