// Scheduled subscriptions, the clock in our hands.
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventsIn, objectEvent, openTestEpcis, type TestEpcis } from './testing/open-epcis.ts';

const HOUR_MS = 3_600_000;

let t: TestEpcis;
let receiver: Server;
let url = '';
const taken: string[][] = [];
const waiters: (() => void)[] = [];
beforeAll(async () => {
  t = await openTestEpcis();
  receiver = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const events = eventsIn({ json: () => JSON.parse(body) as unknown });
    taken.push(events.map(({ eventID }) => String(eventID)));
    response.writeHead(204).end();
    for (const done of waiters.splice(0)) done();
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const address = receiver.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`;
});
afterAll(async () => {
  await t.close();
  receiver.close();
});

const capture = async (serial: string) => {
  const made = await t.post('/events', objectEvent(serial, { '@context': [], eventID: serial }));
  expect(made.statusCode).toBe(201);
};
const arrived = async (count: number) => {
  while (taken.length < count) await new Promise<void>((resolve) => waiters.push(resolve));
};

it('gathers until its hour, goes on after a restart, and reports an empty day when asked to', async () => {
  await t.post('/queries', { name: 'daily', query: { EQ_bizStep: ['shipping'] } });
  const made = await t.post('/queries/daily/subscriptions', {
    dest: url,
    schedule: { hour: '3' },
    reportIfEmpty: true,
  });
  expect(made.json()).toMatchObject({ schedule: { hour: '3' }, reportIfEmpty: true });
  // The clock of this world stands at midnight UTC.
  await capture('urn:uuid:a');
  t.world.advance(2 * HOUR_MS);
  await capture('urn:uuid:b');
  await t.restart();
  t.world.advance(HOUR_MS);
  await capture('urn:uuid:c');
  await arrived(1);
  const first = taken.flat();
  expect(first.slice(0, 2)).toEqual(['urn:uuid:a', 'urn:uuid:b']);
  t.world.advance(24 * HOUR_MS);
  await arrived(taken.length + 1);
  t.world.advance(24 * HOUR_MS);
  await arrived(taken.length + 1);
  // Each event once, in its order, and a day without any as an empty list.
  expect(taken.flat()).toEqual(['urn:uuid:a', 'urn:uuid:b', 'urn:uuid:c']);
  expect(taken.at(-1)).toEqual([]);
});
