import { expect, it } from 'vitest';
import { CAPTURE_BYTES_MAX } from './limits.ts';
import { documentOf, objectEvent, openTestEpcis } from './testing/open-epcis.ts';

const HEAD = JSON.stringify(documentOf([])).replace('[]}}', '[');

/** A document of many events, made as it is read. */
async function* manyEvents(count: number, change: object = {}): AsyncGenerator<Buffer> {
  yield Buffer.from(HEAD);
  for (let n = 0; n < count; n += 500) {
    const part = Array.from({ length: Math.min(500, count - n) }, (_, i) =>
      JSON.stringify(objectEvent(`n${n + i}`, change)),
    );
    yield Buffer.from(`${n === 0 ? '' : ','}${part.join(',')}`);
  }
  yield Buffer.from(']}}');
}

it('captures 100,000 events as a job in bounded memory; goes on after a restart; refuses what is too large', {
  timeout: 120_000,
}, async () => {
  const t = await openTestEpcis();
  try {
    const before = process.memoryUsage().rss;
    let peak = before;
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 50);
    const document = await t.epcis.spool.take('big', manyEvents(100_000));
    expect(document.events).toBe(100_000);
    await t.epcis.jobs.add({ account: 'carrier', signed: false, behaviour: 'rollback', document });
    // Cut short on the way: the job begins again, and nothing stands twice.
    await new Promise(setImmediate);
    await t.restart();
    expect((await t.get('/events')).statusCode).toBe(200);
    await t.epcis.jobs.idle();
    clearInterval(watch);
    const job = (await t.get('/capture/big')).json();
    expect(job).toMatchObject({ running: false, success: true });
    expect(await t.epcis.store.count([], [], 1_000_000)).toBe(100_000);
    // The embedded store has its share of this; a document held whole would be several times more.
    expect(peak - before).toBeLessThan(700 * 1024 * 1024);
    const tooLarge = manyEvents(400_000, { 'example:filler': 'x'.repeat(500) });
    await expect(t.epcis.spool.take('larger', tooLarge)).rejects.toMatchObject({
      code: 'epcis/too-large',
    });
    expect(CAPTURE_BYTES_MAX).toBeGreaterThan(document.size_bytes * 4);
  } finally {
    await t.close();
  }
});
