// Events of a trade that does not go smoothly: disputes, recalls, revealed codes, stocks from before the ledger.
import { expect, it } from 'vitest';
import { portableCrypto } from '../../crypto/portable.ts';
import type { CborObject } from '../../encoding/types.ts';
import { leafHash } from '../../merkle/log-hash.ts';
import { logRoot } from '../../merkle/log-tree.ts';
import { hiddenCommitment, unitLeaf } from '../../rules/labels/label.ts';
import { lotKey } from '../../rules/lots/lot.ts';
import { scopeRoot } from '../../rules/recalls/scope-tree.ts';
import { MILL, PLOT_1, TEA } from '../../testing/trade.ts';
import { eventProblems } from './check-event.ts';
import { goodsLink, placeLink } from './ids.ts';
import { LEDGER_CONTEXT, ledgerEvents } from './ledger-event.ts';
import { telling } from './testing/telling.ts';

const hash = portableCrypto.hash('sha256');
const tea = (lot: string, amount: number) => ({ gtin: TEA, lot, amount });

function acting() {
  const { act, told, bench } = telling();
  const one = (signer: string, name: string, payload: CborObject) => {
    const events = act(signer, name, payload);
    for (const event of events) expect(eventProblems(event, LEDGER_CONTEXT)).toEqual([]);
    expect(ledgerEvents(told.at(-1)!.tx, bench.state)).toEqual(events);
    return events;
  };
  return { act: one, bench };
}

it('tells a dispute about an origin in words of our own: CBV has none for it', () => {
  const { act } = acting();
  const bought = { ...tea('P', 1000), place: MILL, grower: 'grower-1', plot: PLOT_1 };
  act('mill-1', 'lots.purchase', bought);
  const refuted = act('grower-1', 'cases.refute', {
    case: 'C1',
    gtin: TEA,
    lot: 'P',
    reason: 'not my fruit',
  });
  const lot = { type: 'ObjectEvent', quantityList: [{ epcClass: goodsLink(TEA, 'P') }] };
  expect(refuted).toMatchObject([
    { ...lot, 'suyuan:case': 'C1', 'suyuan:origin': 'disputed', 'suyuan:reason': 'not my fruit' },
  ]);
  expect(refuted[0]).not.toHaveProperty('disposition');
  const upheld = { case: 'C1', outcome: 'upheld', decision: 'no such delivery' };
  expect(act('regulator', 'cases.decide', upheld)).toMatchObject([
    { ...lot, 'suyuan:case': 'C1', 'suyuan:origin': 'dispute-upheld' },
  ]);
});

it('lifts the disposition when a recall closes, and says nothing of drills', () => {
  const { act } = acting();
  act('grower-1', 'lots.harvest', { ...tea('A', 1000), place: PLOT_1 });
  const opening = {
    level: 2,
    reason: 'residue',
    siblings: false,
    ancestors: false,
    seeds: [{ gtin: TEA, lot: 'A' }],
    scope: { root: scopeRoot(hash, [lotKey(TEA, 'A')]), count: 1 },
  };
  const shortfall = { g: 1000, count: 0, reason: 'a test' };
  act('regulator', 'recalls.open', { ...opening, recall: 'M', mock: true });
  expect(act('regulator', 'recalls.close', { recall: 'M', shortfall })).toEqual([]);
  act('regulator', 'recalls.open', { ...opening, recall: 'R', mock: false });
  const closed = act('regulator', 'recalls.close', { recall: 'R', shortfall });
  expect(closed).toMatchObject([
    {
      persistentDisposition: { unset: ['recalled'] },
      quantityList: [{ epcClass: goodsLink(TEA, 'A') }],
      'suyuan:recall': 'R',
    },
  ]);
  expect(closed[0]).not.toHaveProperty('disposition');
});

it('names the unit whose code was revealed, never the code', () => {
  const { act } = acting();
  act('grower-1', 'lots.harvest', { ...tea('A', 1000), place: PLOT_1 });
  const unit = { gtin: TEA, lot: 'A', serial: 'S1' };
  const code = 'ABCDEFGHJKMNP';
  const commitment = hiddenCommitment(portableCrypto.hash('sha256'), unit, code);
  const root = logRoot(hash, [leafHash(hash, unitLeaf(TEA, 'A', 'S1', commitment))]);
  const batch = { gtin: TEA, lot: 'A', batch: 'L' };
  act('grower-1', 'labels.issue', { ...batch, root, count: 1, net: 50, hidden: true });
  act('grower-1', 'labels.activate', { ...batch, upTo: 1 });
  const revealed = act('shop', 'labels.reveal', {
    ...batch,
    index: 0,
    serial: 'S1',
    code,
    proof: [],
  });
  expect(revealed).toMatchObject([
    { action: 'OBSERVE', epcList: [goodsLink(TEA, 'A', 'S1')], 'suyuan:unit': 0 },
  ]);
  expect(JSON.stringify(revealed)).not.toContain(code);
});

it('names the audit behind a stock from before the ledger', () => {
  const { act, bench } = acting();
  const document = new Uint8Array(32).fill(7);
  bench.must('auditor', 'documents.register', {
    hash: document,
    kind: 'audit',
    mime: 'application/pdf',
    size_bytes: 1,
    title: 'audit',
    issuedAt: bench.time_ms,
    validFrom: bench.time_ms,
    subjects: [lotKey(TEA, 'OLD')],
    amount: 5000,
    born: bench.time_ms - 1000,
  });
  const balance = { ...tea('OLD', 5000), place: MILL, document };
  expect(act('mill-1', 'lots.open-balance', balance)).toMatchObject([
    {
      action: 'ADD',
      bizStep: 'commissioning',
      bizLocation: { id: placeLink(MILL) },
      certificationInfo: [`ni:///sha-256;${'BwcH'.repeat(10)}Bwc`],
      ilmd: { 'suyuan:process': 'opening-balance' },
    },
  ]);
});
