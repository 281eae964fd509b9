import { afterAll, beforeAll, expect, it } from 'vitest';
import { GTIN, seedLot } from '../http/testing/seed.ts';
import { eventsIn, objectEvent, openTestEpcis, type TestEpcis } from './testing/open-epcis.ts';

let t: TestEpcis;
beforeAll(async () => {
  t = await openTestEpcis();
  await seedLot(t.world);
  await t.epcis.feed.caughtUp();
});
afterAll(() => t.close());

const all = async () => eventsIn(await t.get('/events?perPage=1000'));

it('tells the accepted transactions as proven events, each with its transaction', async () => {
  const events = await all();
  expect(events.length).toBeGreaterThan(2);
  const harvest = eventsIn(await t.get('/events?EQ_bizStep=commissioning'))[0];
  expect(JSON.stringify(harvest)).toContain(GTIN);
  const id = encodeURIComponent(String(harvest?.eventID));
  const [record] = (await t.get(`/events/${id}/records`)).json();
  expect(record).toMatchObject({ grade: 'proven' });
  const answer = await t.app.inject(`/api/v1/transactions/${record.transaction}`);
  expect(answer.json()).toMatchObject({ height: record.height, signer: record.capturedBy });
  // The proof stands beside the event, never in it.
  expect(JSON.stringify(harvest)).not.toContain(record.transaction);
});

it('tells them once, over restarts, and anew what was stored beyond its note', async () => {
  const before = await all();
  await t.restart();
  await t.epcis.feed.caughtUp();
  expect((await all()).map(({ eventID }) => eventID)).toEqual(before.map(({ eventID }) => eventID));
  // As if the process had died between the store and the note.
  await t.client.command({
    query: `INSERT INTO epcis_events (seq, capture, grade, height, event_id, context, event)
      VALUES (900, 'ledger/x', 'proven', 1000000, 'half', '[]', '{}')`,
  });
  await t.restart();
  await t.epcis.feed.caughtUp();
  expect((await all()).map(({ eventID }) => eventID)).toEqual(before.map(({ eventID }) => eventID));
});

it('lets nobody take the place of a proven event, nor call his own proven', async () => {
  const [event] = await all();
  const made = await t.post('/events', {
    '@context': event?.['@context'],
    ...objectEvent('copy', { eventID: event?.eventID }),
  });
  expect(made.statusCode).toBe(201);
  const records = (
    await t.get(`/events/${encodeURIComponent(String(event?.eventID))}/records`)
  ).json();
  expect(records.map(({ grade }: { grade: string }) => grade)).toEqual(['proven', 'attested']);
});
