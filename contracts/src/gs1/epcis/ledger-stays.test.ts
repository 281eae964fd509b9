import { describe, expect, it } from 'vitest';
import { MILL, MILL_YARD, PLOT_1, TEA, VAN } from '../../testing/trade.ts';
import { endedStays, ledgerCalls } from './ledger-event.ts';
import { telling } from './testing/telling.ts';

const tea = (lot: string, amount: number) => ({ gtin: TEA, lot, amount });

/** Tea from the plot over the road to the mill, and what each act ended there. */
function journey() {
  const trade = telling();
  const at: number[] = [];
  const act = (...args: Parameters<typeof trade.act>) => {
    trade.act(...args);
    at.push(trade.bench.time_ms);
    return trade.told.at(-1)!.tx;
  };
  const ended = (tx: ReturnType<typeof act>) =>
    ledgerCalls(tx).map((call) =>
      endedStays(call, trade.bench.state).map((s) => [s.place, s.from_ms, s.to_ms]),
    );
  return { ...trade, at, act, ended };
}

describe('the stays that an action ends', () => {
  it('begin with the goods’ coming and end with their going, on the road too', () => {
    const { act, ended, at } = journey();
    const harvest = act('grower-1', 'lots.harvest', { ...tea('A', 5000), place: PLOT_1 });
    const items = [tea('A', 5000)];
    const ship = { shipment: 'S', to: 'mill-1', place: MILL, via: VAN, items };
    const shipped = act('grower-1', 'custody.ship', ship);
    const received = act('mill-1', 'custody.receive', { from: 'grower-1', shipment: 'S', items });
    const moved = act('mill-1', 'custody.move', { gtin: TEA, lot: 'A', place: MILL_YARD });
    const dried = act('mill-1', 'lots.transform', {
      inputs: [tea('A', 5000)],
      outputs: [tea('B', 3000)],
      place: MILL,
      process: 'dry',
    });
    // Told after all of it: what came later does not change what ended then.
    expect(ended(harvest)).toEqual([[]]);
    expect(ended(shipped)).toEqual([[[PLOT_1, at[0], at[1]]]]);
    expect(ended(received)).toEqual([[[VAN, at[1], at[2]]]]);
    expect(ended(moved)).toEqual([[[MILL, at[2], at[3]]]]);
    expect(ended(dried)).toEqual([[[MILL_YARD, at[3], at[4]]]]);
  });

  it('are told once for all goods of one time and place, and for each call of a batch alone', () => {
    const { act, ended, at } = journey();
    act('grower-1', 'lots.harvest', { ...tea('A', 5000), place: PLOT_1 });
    act('grower-1', 'lots.split', {
      gtin: TEA,
      lot: 'A',
      outputs: [
        { lot: 'B', amount: 1000 },
        { lot: 'C', amount: 1000 },
      ],
    });
    const merged = act('grower-1', 'lots.merge', {
      gtin: TEA,
      lot: 'D',
      inputs: [
        { lot: 'B', amount: 500 },
        { lot: 'C', amount: 500 },
      ],
    });
    expect(ended(merged)).toEqual([[[PLOT_1, at[1], at[2]]]]);
    const destroy = (lot: string) => ({
      module: 'lots',
      action: 'destroy',
      payload: { ...tea(lot, 1), reason: 'mould' },
    });
    const both = act('grower-1', 'batch.run', { calls: [destroy('A'), destroy('D')] });
    expect(ended(both)).toEqual([[[PLOT_1, at[0], at[3]]], [[PLOT_1, at[2], at[3]]]]);
  });

  it('of a label batch are those of the bulk until its issue, then its own', () => {
    const { act, ended, at } = journey();
    act('grower-1', 'lots.harvest', { ...tea('A', 5000), place: PLOT_1 });
    const batch = { gtin: TEA, lot: 'A', batch: 'L' };
    const labels = { ...batch, root: new Uint8Array(32), count: 8, net: 50 };
    expect(ended(act('grower-1', 'labels.issue', labels))).toEqual([[[PLOT_1, at[0], at[1]]]]);
    act('grower-1', 'labels.activate', { ...batch, upTo: 8 });
    const items = [{ ...batch, amount: 8 }];
    const shipment = { shipment: 'L', to: 'mill-1', place: MILL, items };
    expect(ended(act('grower-1', 'custody.ship', shipment))).toEqual([[[PLOT_1, at[0], at[3]]]]);
    // Nobody knows the vehicle, so nothing was measured on it.
    const arrived = { from: 'grower-1', shipment: 'L', items };
    expect(ended(act('mill-1', 'custody.receive', arrived))).toEqual([[]]);
    const back = { ...batch, shipment: 'R', reason: 'wet' };
    expect(ended(act('mill-1', 'lots.return', back))).toEqual([[[MILL, at[4], at[5]]]]);
  });
});
