import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Snapshot, TableWrite } from './database.ts';
import { createMemoryDatabase } from './memory-database.ts';
import { overlaySnapshot } from './overlay.ts';

const key = fc.uint8Array({ minLength: 1, maxLength: 2, max: 3 });
const write: fc.Arbitrary<TableWrite> = fc.record({
  table: fc.constantFrom('state', 'tree'),
  key,
  value: fc.option(fc.uint8Array({ minLength: 1, maxLength: 2 }), { nil: null }),
});
const batches = fc.array(fc.array(write, { maxLength: 8 }), { maxLength: 5 });

function listed(at: Snapshot, limit: number): unknown {
  return (['state', 'tree'] as const).map((table) =>
    at.keys(table, Uint8Array.of(0), Uint8Array.of(3), limit).map((name) => ({
      name: [...name],
      value: [...(at.get(table, name) ?? [])],
      peeked: at.peek(table, name, (bytes) => [...bytes]),
    })),
  );
}

test('layers over a database read as the database does that holds them', async () => {
  await fc.assert(
    fc.asyncProperty(
      batches,
      fc.nat(5),
      fc.integer({ min: 1, max: 30 }),
      async (all, split, limit) => {
        const below = createMemoryDatabase().open();
        const whole = createMemoryDatabase().open();
        let layered: Snapshot = below;
        for (const [i, writes] of all.entries()) {
          await whole.write(writes);
          if (i < split) await below.write(writes);
          const parent = layered;
          if (i >= split) layered = overlaySnapshot(() => parent, writes);
        }
        expect(listed(layered, limit)).toEqual(listed(whole, limit));
        // While they are written below it the answers stay.
        for (const writes of all.slice(split)) {
          await below.write(writes);
        }
        expect(listed(layered, limit)).toEqual(listed(whole, limit));
      },
    ),
  );
});

test('a crash leaves the first writes and undoes the rest; a held moment sees none that came later', async () => {
  await fc.assert(
    fc.asyncProperty(batches, fc.nat(5), async (all, keep) => {
      const memory = createMemoryDatabase();
      const db = memory.open();
      const first = createMemoryDatabase().open();
      let held: unknown = listed(first, 100);
      let moment: Snapshot = db.hold();
      for (const [i, writes] of all.entries()) {
        await db.write(writes);
        if (i >= keep) continue;
        await first.write(writes);
        held = listed(first, 100);
        moment = db.hold();
      }
      expect(listed(moment, 100)).toEqual(held);
      memory.crash(keep);
      expect(listed(memory.open(), 100)).toEqual(listed(first, 100));
      await expect(db.write([])).rejects.toThrow('gone');
    }),
  );
});
