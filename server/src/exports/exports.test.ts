import { bytesToHex, type Lot, lotKey, type Shipment } from '@suyuan/contracts';
import { describe, expect, test } from 'vitest';
import type { StoredEvent } from '../epcis/event-store.ts';
import { epcisDocument } from './epcis-document.ts';
import { evidenceReadme } from './evidence-parts.ts';
import type { LotEvents } from './lot-events.ts';
import { shipmentsOf } from './shipments.ts';

const GTIN = '06901234567892';
const HOUR_MS = 3_600_000;

function lotOf(lot: string, change: Partial<Lot> = {}): Lot {
  return {
    ...{ gtin: GTIN, lot, maker: 'aa', holder: 'aa', made: 10, left: 10, labelled: 0, used: 0 },
    ...{ lost: 0, destroyed: 0, weighed: 0, place: '1', since: 0, moves: [], born: 0 },
    ...{
      process: 'harvest',
      inputs: [],
      tx: new Uint8Array(32).fill(7),
      dependents: 0,
      batches: 0,
    },
    ...change,
  };
}

const shipment = (lot: string, change: Partial<Shipment> = {}): Shipment => ({
  ...{ id: 'S/1', from: 'aa', to: 'bb', kind: 'delivery', fromPlace: '1', toPlace: '2' },
  ...{ items: [{ gtin: GTIN, lot, amount: 10, received: 10 }], documents: [] },
  ...{ status: 'received', shippedAt: HOUR_MS, endedAt: 2 * HOUR_MS, tx: new Uint8Array(32) },
  ...change,
});

const event = (seq: number, fields: Partial<StoredEvent> = {}): StoredEvent => ({
  ...{ seq, capture: '', captured_by: '', grade: 'proven', signed: 1, tx: '', height: 1 },
  ...{ event_id: `ni:///${seq}`, event_ms: 0, record_ms: 0, context: '[]' },
  event: JSON.stringify({
    bizTransactionList: [{ bizTransaction: 'urn:suyuan:00:shipment:aa:S%2F1' }],
  }),
  ...fields,
});

const events = (...list: StoredEvent[]): LotEvents => ({
  async *of() {
    yield* list;
  },
});

const stateOf = (found: Shipment | undefined) => ({
  get: (key: string) => (key === 'shipments/aa/S%2F1' ? (found as never) : undefined),
});

describe('shipments of lots', () => {
  const moved = lotOf('L', {
    holder: 'bb',
    moves: [{ place: '2', holder: 'bb', from: 2 * HOUR_MS }],
  });

  test('are found through their events, each once', async () => {
    const found = await shipmentsOf(
      events(event(1), event(2)),
      stateOf(shipment('L')),
      [moved, lotOf('M')],
      1,
    );
    expect(found.get(lotKey(GTIN, 'L'))).toEqual([shipment('L')]);
    expect(found.get(lotKey(GTIN, 'M'))).toEqual([]);
  });

  test.each<[string, LotEvents, Shipment | undefined, Lot]>([
    ['no event yet', events(), shipment('L'), moved],
    [
      'a shipment that came at another time',
      events(event(1)),
      shipment('L', { endedAt: 5 }),
      moved,
    ],
    ['a shipment that was refused', events(event(1)), shipment('L', { status: 'refused' }), moved],
    [
      'a shipment of labelled packs only',
      events(event(1)),
      shipment('L', { items: [{ gtin: GTIN, lot: 'L', batch: 'B', amount: 1, received: 1 }] }),
      moved,
    ],
    [
      'a journey that nobody tells of',
      events(),
      undefined,
      lotOf('L', { transit: 'shipments/aa/X' }),
    ],
    [
      'a second change of hands',
      events(event(1)),
      shipment('L'),
      { ...moved, moves: [...moved.moves, { place: '3', holder: 'cc', from: 3 * HOUR_MS }] },
    ],
  ])('with %s no export is made', async (_name, told, record, lot) => {
    await expect(shipmentsOf(told, stateOf(record), [lot], 1)).rejects.toMatchObject({
      code: 'exports/behind',
    });
  });

  test('moves between own places need none', async () => {
    const own = lotOf('L', { moves: [{ place: '2', holder: 'aa', from: HOUR_MS }] });
    const found = await shipmentsOf(events(), stateOf(undefined), [own], 1);
    expect([...found.values()]).toEqual([[]]);
  });
});

describe('the EPCIS document', () => {
  const tx = bytesToHex(lotOf('L').tx);
  async function* portions(...lots: (readonly Lot[])[]): AsyncGenerator<readonly Lot[]> {
    yield* lots;
  }
  const textOf = async (told: LotEvents, ...lots: (readonly Lot[])[]) => {
    let text = '';
    const held = { height: 1, portions: portions(...lots) };
    for await (const part of epcisDocument(held, told, 0)) text += part;
    return text;
  };

  test('tells an event of lots in two portions once', async () => {
    const told = events(event(1, { tx }), event(2, { tx }));
    const json = JSON.parse(await textOf(told, [lotOf('L')], [lotOf('M')]));
    expect(json.epcisBody.eventList.map(({ eventID }: { eventID: string }) => eventID)).toEqual([
      'ni:///1',
      'ni:///2',
    ]);
  });

  test('is not ended without the making of every lot', async () => {
    await expect(textOf(events(event(1, { tx: 'ff' })), [lotOf('L')])).rejects.toMatchObject({
      code: 'exports/behind',
    });
  });
});

test('the README names what is missing, and promises a PDF only where there is one', () => {
  const hash = 'ab'.repeat(32);
  expect(evidenceReadme('00', [hash], false)).toContain(hash);
  expect(evidenceReadme('00', [], false)).not.toContain('evidence.pdf');
  expect(evidenceReadme('00', [], true)).toContain('evidence.pdf');
});
