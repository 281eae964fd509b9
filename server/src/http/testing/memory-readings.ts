// The column store in memory, for tests of what stands above it. The queries themselves are tested on a real store.

import { decodePack, packReadings } from '@suyuan/contracts';
import type { DeviceSpan, PackNumber, ReadingRow, ReadingStore } from '../../readings/port.ts';
import type { SeededPacks } from './seed.ts';

export interface MemoryReadings extends ReadingStore {
  /** Makes every answer fail with this error until it is given undefined. */
  fail(error: Error | undefined): void;
}

export function createMemoryReadings(seeded: SeededPacks): MemoryReadings {
  let failure: Error | undefined;
  const rows: readonly ReadingRow[] = seeded.packs.flatMap((p) =>
    packReadings(decodePack(p.bytes)).map((r) => ({
      ...r,
      device: p.device,
      boot: p.boot,
      seq: p.seq,
    })),
  );
  const within = (spans: readonly DeviceSpan[], row: ReadingRow) =>
    spans.some((s) => s.device === row.device && row.time_ms >= s.from_ms && row.time_ms < s.to_ms);
  const order = (r: Pick<ReadingRow, 'time_ms' | 'quantity'>) => r.time_ms * 10 + r.quantity.length;
  const check = () => {
    if (failure !== undefined) throw failure;
  };
  return {
    fail(error) {
      failure = error;
    },
    async ping() {
      check();
    },
    async pack({ device, boot, seq, gateway }) {
      check();
      return seeded.packs.find(
        (p) =>
          p.device === device &&
          p.boot === boot &&
          p.seq === seq &&
          (gateway === undefined || p.gateway === gateway),
      );
    },
    async packsByNumber(numbers) {
      check();
      const same = (p: PackNumber) => (n: PackNumber) =>
        n.device === p.device && n.boot === p.boot && n.seq === p.seq;
      return seeded.packs.filter((p) => numbers.some(same(p)));
    },
    async packWithReading({ gateway, quantity, beforeBatch, ...span }) {
      check();
      const holds = (row: ReadingRow) => row.quantity === quantity && within([span], row);
      const seqs = new Set(rows.filter(holds).map((row) => row.seq));
      return seeded.packs.find(
        (p) => p.gateway === gateway && p.batch < beforeBatch && seqs.has(p.seq),
      );
    },
    async packsWithin(spans, limit) {
      check();
      const seqs = new Set(rows.filter((row) => within(spans, row)).map((row) => row.seq));
      return seeded.packs.filter((p) => seqs.has(p.seq)).slice(-limit);
    },
    async leafHashes() {
      check();
      return seeded.leafHashes;
    },
    async readings({ spans, quantity, after, limit }) {
      check();
      return rows
        .filter(
          (row) => within(spans, row) && (quantity === undefined || row.quantity === quantity),
        )
        .sort((a, b) => order(a) - order(b))
        .filter((row) => after === undefined || order(row) > order(after))
        .slice(0, limit);
    },
    async statements(refs) {
      check();
      const asked = refs.some((r) => r.fromMonth <= '2025-01' && r.toMonth >= '2025-01');
      return asked ? [seeded.statement, ...seeded.moreStatements] : [];
    },
  };
}
