// The REST interface of EPCIS 2.0, one check a line.

import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { eventsOf } from './answer.ts';
import type { EpcisHouse } from './house.ts';

export type InterfaceCheck = readonly [name: string, check: (house: EpcisHouse) => Promise<void>];

const CONTEXT = 'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld';
const thing = (serial: string) => `https://id.gs1.org/01/06901234567892/21/${serial}`;

const event = (serial: string, change: object = {}) => ({
  type: 'ObjectEvent',
  eventTime: '2026-01-02T03:04:05Z',
  eventTimeZoneOffset: '+08:00',
  action: 'OBSERVE',
  bizStep: 'inspecting',
  epcList: [thing(serial)],
  ...change,
});

const document = (events: readonly object[]) =>
  JSON.stringify({
    '@context': [CONTEXT],
    type: 'EPCISDocument',
    schemaVersion: '2.0',
    creationDate: '2026-01-02T03:04:05Z',
    epcisBody: { eventList: events },
  });

function equal(given: unknown, expected: unknown, what: string): void {
  const [is, should] = [JSON.stringify(given), JSON.stringify(expected)];
  if (is !== should) throw new Error(`${what}: ${is}, expected ${should}`);
}

const about = async (house: EpcisHouse, serial: string, query = '') =>
  eventsOf(
    await (
      await house.fetch(`/epcis/events?MATCH_epc=${encodeURIComponent(thing(serial))}${query}`)
    ).json(),
  );

async function problem(response: Response, status: number, type: string): Promise<void> {
  equal(response.status, status, 'status');
  const media = response.headers.get('content-type') ?? '';
  if (!media.startsWith('application/problem+json')) throw new Error(`media type ${media}`);
  equal(((await response.json()) as { type: string }).type, `epcisException:${type}`, 'type');
}

export const INTERFACE_CHECKS: readonly InterfaceCheck[] = [
  [
    'OPTIONS names methods, versions and limits',
    async (house) => {
      const { status, headers } = await house.fetch('/epcis/capture', { method: 'OPTIONS' });
      equal(status, 204, 'status');
      equal(headers.get('allow'), 'OPTIONS, POST, GET', 'Allow');
      for (const name of ['version', 'min', 'max'])
        equal(headers.get(`gs1-epcis-${name}`), '2.0.0', name);
      if (!(Number(headers.get('gs1-epcis-capture-limit')) >= 100_000)) throw new Error('no limit');
    },
  ],
  [
    'top-level resources',
    async (house) => {
      const { member } = (await (await house.fetch('/epcis')).json()) as { member: string[] };
      equal(member.length, 9, 'resources');
    },
  ],
  [
    'another version is not acceptable',
    async (house) =>
      problem(
        await house.fetch('/epcis/events', { headers: { 'GS1-EPCIS-Min': '2.1' } }),
        406,
        'NotAcceptableException',
      ),
  ],
  [
    'a capture without a token is refused',
    async (house) =>
      problem(
        await house.fetch('/epcis/capture', {
          method: 'POST',
          body: '{}',
          headers: { 'content-type': 'application/json' },
        }),
        401,
        'SecurityException',
      ),
  ],
  [
    'XML is refused',
    async (house) =>
      problem(
        await house.post('/epcis/capture', '<x/>', {
          headers: { 'content-type': 'application/xml' },
        }),
        415,
        'UnsupportedMediaTypeException',
      ),
  ],
  [
    'a capture is a job under its Location',
    async (house) => {
      const { response, job } = await house.capture(document([event('job')]));
      equal(response.status, 202, 'status');
      const { captureID, createdAt, finishedAt, ...rest } = (job ?? {}) as Record<string, unknown>;
      for (const given of [captureID, createdAt, finishedAt]) equal(typeof given, 'string', 'job');
      equal(
        rest,
        { running: false, success: true, captureErrorBehaviour: 'rollback', errors: [] },
        'job',
      );
      equal((await about(house, 'job')).length, 1, 'events');
    },
  ],
  [
    'jobs are listed by pages',
    async (house) => {
      await house.capture(document([event('job2')]));
      const page = await house.withToken('/epcis/capture?perPage=1');
      equal(((await page.json()) as unknown[]).length, 1, 'jobs');
      if (!/rel="next"/.test(page.headers.get('link') ?? '')) throw new Error('no next page');
    },
  ],
  [
    'a job under rollback leaves nothing',
    async (house) => {
      await house.capture(document([event('first', { eventID: 'urn:uuid:taken' })]));
      const { job } = await house.capture(
        document([event('rollback'), event('rollback2', { eventID: 'urn:uuid:taken' })]),
      );
      equal(job?.success, false, 'success');
      equal(job?.errors[0]?.type, 'epcisException:ResourceAlreadyExistsException', 'error');
      equal((await about(house, 'rollback')).length, 0, 'events');
    },
  ],
  [
    'a job under proceed takes what is right',
    async (house) => {
      const { job } = await house.capture(
        document([event('bad', { action: 'X' }), event('proceed')]),
        {
          headers: { 'GS1-Capture-Error-Behaviour': 'proceed' },
        },
      );
      equal([job?.success, job?.errors.length], [false, 1], 'job');
      equal((await about(house, 'proceed')).length, 1, 'events');
    },
  ],
  [
    'one event: 201, then 409; a wrong one 400',
    async (house) => {
      const body = JSON.stringify({ '@context': CONTEXT, ...event('one') });
      const made = await house.post('/epcis/events', body);
      equal(made.status, 201, 'status');
      equal((await house.fetch(String(made.headers.get('location')))).status, 200, 'Location');
      await problem(await house.post('/epcis/events', body), 409, 'ResourceAlreadyExistsException');
      const wrong = JSON.stringify({ '@context': CONTEXT, ...event('one'), eventTime: 'noon' });
      await problem(await house.post('/epcis/events', wrong), 400, 'ValidationException');
    },
  ],
  [
    'an unknown event is not found',
    async (house) =>
      problem(await house.fetch('/epcis/events/urn:uuid:none'), 404, 'NoSuchNameException'),
  ],
  [
    'pages of 30, each event once, in order',
    async (house) => {
      const events = Array.from({ length: 70 }, (_, n) =>
        event('page', {
          eventTime: new Date(Date.UTC(2026, 3, 1, 0, (n * 11) % 70)).toISOString(),
        }),
      );
      await house.capture(document(events));
      const seen: string[] = [];
      const sizes: number[] = [];
      let next: string | undefined =
        `/epcis/events?orderBy=eventTime&orderDirection=DESC&MATCH_epc=${encodeURIComponent(thing('page'))}`;
      while (next !== undefined && sizes.length < 9) {
        const page: Response = await house.fetch(next);
        const found = eventsOf(await page.json());
        sizes.push(found.length);
        seen.push(...found.map(({ eventTime }) => String(eventTime)));
        next = /<([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1];
      }
      equal(sizes, [30, 30, 10], 'pages');
      equal(seen, [...seen].sort().reverse(), 'order');
    },
  ],
  [
    'eventCountLimit and maxEventCount',
    async (house) => {
      equal((await about(house, 'page', '&eventCountLimit=7')).length, 7, 'eventCountLimit');
      const url = `/epcis/events?maxEventCount=7&MATCH_epc=${encodeURIComponent(thing('page'))}`;
      await problem(await house.fetch(url), 413, 'QueryTooLargeException');
    },
  ],
  [
    'an unknown parameter is refused',
    async (house) =>
      problem(
        await house.fetch('/epcis/events?GE_eventDate=2026-01-01T00:00:00Z'),
        400,
        'QueryParameterException',
      ),
  ],
  [
    'collections lead to their events',
    async (house) => {
      const { member } = (await (await house.fetch('/epcis/bizSteps')).json()) as {
        member: string[];
      };
      if (!member.includes('inspecting')) throw new Error(`bizSteps: ${member.join(', ')}`);
      const id = encodeURIComponent(thing('job'));
      equal(
        eventsOf(await (await house.fetch(`/epcis/epcs/${id}/events`)).json()).length,
        1,
        'events',
      );
      equal((await house.fetch('/epcis/eventTypes/ObjectEvent')).status, 200, 'event type');
    },
  ],
  [
    'a named query is made, asked, refused twice, deleted',
    async (house) => {
      const definition = JSON.stringify({ name: 'named', query: { MATCH_epc: [thing('page')] } });
      equal((await house.post('/epcis/queries', definition)).status, 201, 'made');
      await problem(
        await house.post('/epcis/queries', definition),
        409,
        'ResourceAlreadyExistsException',
      );
      equal(
        eventsOf(await (await house.fetch('/epcis/queries/named/events')).json()).length,
        30,
        'events',
      );
      equal((await house.withToken('/epcis/queries/named', 'DELETE')).status, 204, 'deleted');
      await problem(await house.fetch('/epcis/queries/named'), 404, 'NoSuchNameException');
    },
  ],
  ['a subscription is served again after a 500 and over a restart, signed', subscription],
];

async function subscription(house: EpcisHouse): Promise<void> {
  const taken: { body: string; signature: unknown }[] = [];
  let arrived: () => void = () => {};
  const receiver = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    // Seen first, so that who waits for the refusal may stop the house.
    response.writeHead(taken.length === 0 ? 500 : 200).end();
    taken.push({ body, signature: request.headers['gs1-signature'] });
    arrived();
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const { port } = receiver.address() as { port: number };
  const reached = async (count: number) => {
    while (taken.length < count) await new Promise<void>((resolve) => (arrived = resolve));
  };
  try {
    const query = JSON.stringify({ name: 'hook', query: { EQ_bizStep: ['departing'] } });
    equal((await house.post('/epcis/queries', query)).status, 201, 'query');
    const wish = { dest: `http://127.0.0.1:${port}/`, signatureToken: 's3cret', stream: true };
    const made = await house.post('/epcis/queries/hook/subscriptions', JSON.stringify(wish));
    equal(made.status, 201, 'subscribed');
    await house.capture(document([event('hook1', { bizStep: 'departing' })]));
    await reached(1);
    await house.restart();
    await reached(2);
    await house.capture(document([event('hook2', { bizStep: 'departing' })]));
    await reached(3);
    const sent = taken.map(({ body }) =>
      eventsOf(JSON.parse(body)).flatMap(({ epcList }) => epcList),
    );
    equal(sent, [[thing('hook1')], [thing('hook1')], [thing('hook2')]], 'events sent');
    for (const { body, signature } of taken)
      equal(
        signature,
        `sha256=${createHmac('sha256', 's3cret').update(body).digest('hex')}`,
        'GS1-Signature',
      );
    equal(
      (await house.withToken(String(made.headers.get('location')), 'DELETE')).status,
      204,
      'ended',
    );
  } finally {
    receiver.closeAllConnections();
    receiver.close();
  }
}
