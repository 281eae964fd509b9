import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signatureOf } from './subscriptions.ts';
import {
  documentOf,
  eventsIn,
  objectEvent,
  openTestEpcis,
  type TestEpcis,
} from './testing/open-epcis.ts';

let t: TestEpcis;
beforeAll(async () => {
  t = await openTestEpcis();
});
afterAll(() => t.close());

const lot = (name: string) => `https://id.gs1.org/01/06901234567892/21/${name}`;
const eventsOf = async (epc: string) =>
  eventsIn(await t.get(`/events?perPage=1000&MATCH_epc=${encodeURIComponent(epc)}`));

/** Captures and waits for the job. */
async function capture(document: unknown, headers: Record<string, string> = {}) {
  const accepted = await t.post('/capture', document, { ...t.auth(), ...headers });
  if (accepted.statusCode !== 202) return { accepted, job: undefined };
  await t.epcis.jobs.idle();
  const job = (await t.app.inject(String(accepted.headers.location))).json();
  return { accepted, job };
}

describe('capture', () => {
  it('gives back what was captured, with an id and the time of recording', async () => {
    const event = objectEvent('a1', {
      'example:grade': { deep: [1, 'x', null, true] },
      quantityList: [
        { epcClass: 'https://id.gs1.org/01/06901234567892/10/L1', quantity: 1.5, uom: 'KGM' },
      ],
    });
    const { job } = await capture(documentOf([event]));
    expect(job).toMatchObject({
      running: false,
      success: true,
      captureErrorBehaviour: 'rollback',
      errors: [],
    });
    const [found] = await eventsOf(lot('a1'));
    const { eventID, recordTime, ...rest } = found ?? {};
    expect(rest).toEqual(event);
    expect(eventID).toMatch(/^ni:\/\/\/sha-256;[0-9a-f]{64}\?ver=CBV2\.0$/);
    expect(recordTime).toBe(new Date(t.world.clock.now_ms()).toISOString());
    const one = await t.get(`/events/${encodeURIComponent(String(eventID))}`);
    expect(eventsIn(one)).toEqual([found]);
    expect(one.json()['@context'][1]).toEqual({ example: 'http://ns.example.com/epcis/' });
    const records = (await t.get(`/events/${encodeURIComponent(String(eventID))}/records`)).json();
    expect(records).toMatchObject([
      { capturedBy: 'carrier', grade: 'attested', bodySigned: false },
    ]);
  });

  it('says when the account vouches for the very bytes', async () => {
    const body = JSON.stringify(
      documentOf([objectEvent('signed', { eventID: 'urn:uuid:1-signed' })]),
    );
    const { job } = await capture(body, t.auth('grower', body));
    expect(job.success).toBe(true);
    const records = (await t.get('/events/urn:uuid:1-signed/records')).json();
    expect(records).toMatchObject([{ capturedBy: 'grower', bodySigned: true }]);
    const other = await t.post('/capture', `${body} `, t.auth('grower', body));
    expect(other.statusCode).toBe(401);
    expect(other.json()).toMatchObject({
      type: 'epcisException:SecurityException',
      code: 'access/other-body',
    });
  });

  it('refuses who does not show a fresh token of an active account', async () => {
    const document = documentOf([objectEvent('none')]);
    const codeWith = async (headers: Record<string, string>) => {
      const answer = await t.post('/capture', document, headers);
      return [answer.statusCode, answer.json().code];
    };
    expect(await codeWith({})).toEqual([401, 'access/missing']);
    expect(await codeWith({ authorization: 'Bearer !!!' })).toEqual([401, 'access/missing']);
    expect(await codeWith({ authorization: 'Bearer AAAA' })).toEqual([
      401,
      expect.stringMatching(/^cbor|^cose/),
    ]);
    const once = t.auth();
    expect((await t.post('/capture', documentOf([objectEvent('once')]), once)).statusCode).toBe(
      202,
    );
    expect(await codeWith(once)).toEqual([401, 'access/used']);
    await t.restart();
    expect(await codeWith(once)).toEqual([401, 'access/used']);
    await t.world.act('regulator', 'accounts', 'set-status', { id: 'carrier', status: 'frozen' });
    expect(await codeWith(t.auth())).toEqual([403, 'access/frozen-account']);
    await t.world.act('regulator', 'accounts', 'set-status', { id: 'carrier', status: 'active' });
    expect(await eventsOf(lot('none'))).toEqual([]);
  });

  it('takes all or nothing under rollback, and what it can under proceed', async () => {
    const good = objectEvent('mixed');
    const bad = objectEvent('mixed', { action: 'INVENTED' });
    const rolled = await t.post('/capture', documentOf([good, bad]));
    expect(rolled.statusCode).toBe(400);
    expect(rolled.json()).toMatchObject({ type: 'epcisException:ValidationException' });
    expect(rolled.json().errors[0].field).toContain('/eventList/1');
    expect(await eventsOf(lot('mixed'))).toEqual([]);
    const { job } = await capture(documentOf([bad, good]), {
      'gs1-capture-error-behaviour': 'proceed',
    });
    expect(job).toMatchObject({ success: false, captureErrorBehaviour: 'proceed' });
    expect(job.errors).toHaveLength(1);
    expect(await eventsOf(lot('mixed'))).toHaveLength(1);
  });

  it('leaves nothing of a job that fails on its last event', async () => {
    await capture(documentOf([objectEvent('taken', { eventID: 'urn:uuid:taken' })]));
    const events = Array.from({ length: 1_200 }, (_, n) =>
      objectEvent('rolled', { eventID: `urn:uuid:r${n}` }),
    );
    const last = objectEvent('rolled', { eventID: 'urn:uuid:taken' });
    const { job } = await capture(documentOf([...events, last]));
    expect(job).toMatchObject({ running: false, success: false });
    expect(job.errors).toMatchObject([
      { type: 'epcisException:ResourceAlreadyExistsException', status: 409 },
    ]);
    expect(await eventsOf(lot('rolled'))).toEqual([]);
    const rows = await t.client.query({
      query: "SELECT count() AS n FROM epcis_events WHERE event_id LIKE 'urn:uuid:r%'",
      format: 'JSONEachRow',
    });
    expect(Number((await rows.json<{ n: string }>())[0]?.n)).toBe(0);
  });

  it('takes the same document twice and stores it once, whatever the order of its fields', async () => {
    const event = objectEvent('twice', { eventID: 'urn:uuid:twice' });
    const turned = Object.fromEntries(Object.entries(event).reverse());
    expect((await capture(documentOf([event]))).job.success).toBe(true);
    expect((await capture(documentOf([turned, event]))).job.success).toBe(true);
    expect(await eventsOf(lot('twice'))).toHaveLength(1);
    // Another account may use the id: nobody can take it away from those whose it is.
    await t.post('/capture', documentOf([event]), t.auth('grower'));
    await t.epcis.jobs.idle();
    expect(await eventsOf(lot('twice'))).toHaveLength(2);
  });

  it('takes one event at once, once', async () => {
    const event = {
      '@context': 'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld',
      ...objectEvent('single'),
    };
    const made = await t.post('/events', event);
    expect(made.statusCode).toBe(201);
    expect(eventsIn(await t.app.inject(String(made.headers.location)))).toHaveLength(1);
    const again = await t.post('/events', event);
    expect(again.json()).toMatchObject({
      status: 409,
      type: 'epcisException:ResourceAlreadyExistsException',
    });
    expect((await t.post('/events', documentOf([event]))).statusCode).toBe(400);
    expect((await t.post('/events', { ...event, action: 7 })).json()).toMatchObject({
      status: 400,
      type: 'epcisException:ValidationException',
    });
  });

  it.each<[string, string, number]>([
    ['no JSON', '{"a"', 400],
    ['nothing', ' ', 400],
    ['no document', '[]', 400],
    ['no context', JSON.stringify(documentOf([objectEvent('x')], { '@context': undefined })), 400],
    ['two lists', '{"epcisBody":{"eventList":[]},"epcisBody":{"eventList":[]}}', 400],
    ['a depth of 100,000', '['.repeat(100_000), 400],
    [
      'half a pair of surrogates',
      JSON.stringify(documentOf([objectEvent('x', { 'example:a': '\ud800' })])),
      400,
    ],
    [
      'a number beyond all',
      JSON.stringify(documentOf([objectEvent('x', { 'example:a': 1 })])).replace(
        '"example:a":1',
        '"example:a":1e999',
      ),
      400,
    ],
    ['a bare event', JSON.stringify(objectEvent('x')), 400],
  ])('refuses %s', async (_, body, status) => {
    const answer = await t.post('/capture', body);
    expect(answer.statusCode).toBe(status);
    expect(answer.json().type).toBe('epcisException:ValidationException');
    expect(answer.headers['content-type']).toContain('application/problem+json');
  });

  it('refuses other media types, versions and behaviours', async () => {
    const send = (headers: Record<string, string>) =>
      t.post('/capture', documentOf([]), { ...t.auth(), ...headers });
    expect((await send({ 'content-type': 'application/xml' })).json()).toMatchObject({
      status: 415,
      type: 'epcisException:UnsupportedMediaTypeException',
    });
    expect((await send({ 'gs1-epcis-version': '1.2' })).json()).toMatchObject({
      status: 406,
      type: 'epcisException:NotAcceptableException',
    });
    expect((await send({ 'gs1-cbv-version': '2.1' })).statusCode).toBe(406);
    expect((await send({ accept: 'application/xml' })).statusCode).toBe(406);
    expect((await send({ 'gs1-epc-format': 'Always_EPC_URN' })).statusCode).toBe(406);
    expect((await send({ 'gs1-capture-error-behaviour': 'shrug' })).statusCode).toBe(400);
    expect(
      (await send({ 'gs1-epcis-version': '2.0.0', 'gs1-cbv-version': '2.0' })).statusCode,
    ).toBe(202);
  });
});

describe('discovery', () => {
  it('says what each resource takes, and the limits', async () => {
    const options = async (path: string) =>
      (await t.app.inject({ method: 'OPTIONS', url: path })).headers;
    expect(await options('/epcis/capture')).toMatchObject({
      allow: 'OPTIONS, POST, GET',
      'gs1-epcis-version': '2.0.0',
      'gs1-epcis-capture-limit': '250000',
      'gs1-epcis-capture-file-size-limit': '134217728',
    });
    expect((await options('/epcis/queries/x/subscriptions')).allow).toBe('OPTIONS, GET, POST');
    expect((await options('/epcis/queries/x')).allow).toBe('OPTIONS, GET, DELETE');
    expect((await options('/epcis/events/x')).allow).toBe('OPTIONS, GET');
    expect((await t.get('')).json().member).toHaveLength(9);
  });
});

describe('queries', () => {
  const times = Array.from({ length: 65 }, (_, n) =>
    new Date(Date.UTC(2026, 2, 1) + ((n * 37) % 65) * 1_000).toISOString(),
  );
  beforeAll(async () => {
    const events = times.map((eventTime, n) =>
      objectEvent('paged', { eventTime, eventID: `urn:uuid:p${n}` }),
    );
    await capture(documentOf(events));
    const sensor = (maxValue: number, deviceID: string) => ({
      sensorMetadata: { deviceID, time: '2026-03-01T00:00:00Z' },
      sensorReport: [{ type: 'gs1:Temperature', maxValue, uom: 'CEL' }],
    });
    const { job } = await capture(
      documentOf([
        objectEvent('hot', {
          eventID: 'urn:uuid:hot',
          bizStep: 'https://ref.gs1.org/cbv/BizStep-storing',
          sensorElementList: [sensor(41.5, 'https://id.gs1.org/8004/401234599999')],
          'example:crate': 'B-7',
        }),
        objectEvent('cold', {
          eventID: 'urn:uuid:cold',
          disposition: 'in_transit',
          sensorElementList: [sensor(4, 'urn:epc:id:giai:4012345.88888')],
          bizLocation: { id: 'urn:epc:id:sgln:4012345.00001.0' },
          'example:crate': 12,
        }),
        {
          ...objectEvent('made', { eventID: 'urn:uuid:made' }),
          type: 'TransformationEvent',
          action: undefined,
          epcList: undefined,
          inputQuantityList: [
            { epcClass: 'https://id.gs1.org/01/06901234567892/10/IN', quantity: 20, uom: 'KGM' },
          ],
          outputQuantityList: [
            { epcClass: 'https://id.gs1.org/01/06901234567892/10/OUT', quantity: 1, uom: 'KGM' },
          ],
          persistentDisposition: { set: ['completeness_verified'] },
        },
      ]),
    );
    if (!job.success) throw new Error(JSON.stringify(job));
  });

  const ids = async (query: string) =>
    eventsIn(await t.get(`/events?perPage=1000&${query}`))
      .map(({ eventID }) => String(eventID).replace('urn:uuid:', ''))
      .sort();

  it.each([
    ['EQ_bizStep=storing', ['hot']],
    ['EQ_bizStep=urn:epcglobal:cbv:bizstep:storing', ['hot']],
    ['EQ_deviceID=https://example.com/8004/401234588888', ['cold']],
    ['EXISTS_sensorElementList=true', ['cold', 'hot']],
    ['GE_maxValue_CEL=40', ['hot']],
    ['LT_maxValue_CEL=40', ['cold']],
    ['GE_maxValue_CEL=40&LT_maxValue_CEL=41', []],
    ['EQ_type=Temperature&EQ_disposition=in_transit', ['cold']],
    ['EQ_bizLocation=https://id.gs1.org/414/4012345000016', ['cold']],
    ['eventType=TransformationEvent', ['made']],
    ['MATCH_inputEPCClass=urn:epc:class:lgtin:6901234.056789.IN', ['made']],
    ['MATCH_anyEPCClass=https://id.gs1.org/01/06901234567892/10/OUT', ['made']],
    ['MATCH_outputEPCClass=https://id.gs1.org/01/06901234567892/10/IN', []],
    ['GT_quantity_KGM=19', ['made']],
    ['EQ_persistentDisposition_set=completeness_verified', ['made']],
    ['EQ_eventID=urn:uuid:hot|urn:uuid:cold', ['cold', 'hot']],
    ['EQ_example:crate=B-7', ['hot']],
    ['GE_example:crate=11', ['cold']],
    ['EXISTS_example:crate=true', ['cold', 'hot']],
    ['EXISTS_errorDeclaration=true', []],
    ['EQ_action=DELETE', []],
    [
      'GE_eventTime=2026-03-01T08:01:04%2B08:00&EQ_bizStep=shipping',
      [`p${times.indexOf('2026-03-01T00:01:04.000Z')}`],
    ],
    ["EQ_bizStep=x') OR (1=1", []],
  ])('finds by %s', async (query, expected) => {
    expect(await ids(query)).toEqual(expected);
  });

  it.each([
    'GE_eventTime=yesterday',
    'EQ_action=SHIPPED',
    'orderDirection=SIDEWAYS',
    'GE_eventDate=2026-01-01T00:00:00Z',
    'eventCountLimit=0',
    'eventCountLimit=5&maxEventCount=5',
    'maxEventCount=x',
    'orderBy=colour',
    'GE_maxValue_CEL=warm',
    'EXISTS_errorDeclaration=perhaps',
    'perPage=-1',
    'nextPageToken=abc',
    'MATCH_epc=urn:epc:idpat:sgtin:*.*.*',
    'EQ_bizStep=',
    '__proto__=x',
  ])('refuses %s', async (query) => {
    const answer = await t.get(`/events?${query}`);
    expect(answer.json()).toMatchObject({
      status: 400,
      type: 'epcisException:QueryParameterException',
    });
  });

  it('pages through all, once each, in order, while others are captured', async () => {
    const seen: string[] = [];
    let next: string | undefined =
      `/epcis/events?MATCH_epc=${encodeURIComponent(lot('paged'))}&orderBy=eventTime&orderDirection=ASC`;
    const sizes: number[] = [];
    while (next !== undefined) {
      const page: LightMyRequestResponse = await t.app.inject(next);
      const events = eventsIn(page);
      sizes.push(events.length);
      seen.push(...events.map(({ eventTime }) => String(eventTime)));
      next = /^<([^>]+)>; rel="next"$/.exec(String(page.headers.link ?? ''))?.[1];
      if (sizes.length === 1)
        await capture(
          documentOf([
            objectEvent('paged', { eventID: 'urn:uuid:late', eventTime: '2026-03-01T00:00:59Z' }),
          ]),
        );
    }
    expect(sizes).toEqual([30, 30, 5]);
    expect(seen).toEqual([...times].sort());
  });

  it('counts as it is told', async () => {
    const all = `MATCH_epc=${encodeURIComponent(lot('paged'))}`;
    expect(eventsIn(await t.get(`/events?${all}&eventCountLimit=3&orderBy=eventTime`)).length).toBe(
      3,
    );
    const tooLarge = await t.get(`/events?${all}&maxEventCount=10`);
    expect(tooLarge.json()).toMatchObject({
      status: 413,
      type: 'epcisException:QueryTooLargeException',
    });
    expect(eventsIn(await t.get(`/events?${all}&maxEventCount=100`)).length).toBe(30);
  });

  it('lists what there is', async () => {
    const members = async (path: string) => (await t.get(path)).json().member as string[];
    expect(await members('/bizSteps')).toEqual(['shipping', 'storing']);
    expect(await members('/eventTypes')).toContain('AssociationEvent');
    expect(await members('/epcs?perPage=1000')).toContain(lot('hot'));
    const first = await t.get('/epcs?perPage=2');
    expect(first.json().member).toHaveLength(2);
    expect(first.headers.link).toContain('rel="next"');
    const of = (path: string) => t.get(path);
    expect(eventsIn(await of('/bizSteps/storing/events'))).toHaveLength(1);
    expect(
      eventsIn(await of(`/epcs/${encodeURIComponent(lot('hot'))}/events?EQ_bizStep=storing`)),
    ).toHaveLength(1);
    expect(
      eventsIn(await of(`/epcs/${encodeURIComponent(lot('hot'))}/events?EQ_bizStep=shipping`)),
    ).toHaveLength(0);
    expect((await of('/bizSteps/storing')).json().member).toEqual(['events']);
    expect((await of('/bizSteps/destroying')).json()).toMatchObject({
      status: 404,
      type: 'epcisException:NoSuchNameException',
    });
    expect((await of('/events/urn:uuid:nowhere')).statusCode).toBe(404);
  });

  it('keeps a query under a name', async () => {
    const definition = { name: 'warm', query: { GE_maxValue_CEL: 40, eventType: ['ObjectEvent'] } };
    expect((await t.post('/queries', definition)).statusCode).toBe(201);
    expect((await t.post('/queries', definition)).json()).toMatchObject({ status: 409 });
    expect((await t.get('/queries/warm')).json()).toEqual(definition);
    expect((await t.get('/queries')).json()).toEqual([definition]);
    expect(eventsIn(await t.get('/queries/warm/events'))).toHaveLength(1);
    expect((await t.post('/queries', { name: 'x', query: { EQ_frob: 1 } })).json()).toMatchObject({
      type: 'epcisException:QueryParameterException',
    });
    expect((await t.post('/queries', { name: '../x', query: {} })).json()).toMatchObject({
      type: 'epcisException:QueryValidationException',
    });
    const remove = (headers: Record<string, string>) =>
      t.app.inject({ method: 'DELETE', url: '/epcis/queries/warm', headers });
    expect((await remove(t.auth('grower'))).statusCode).toBe(403);
    expect((await remove(t.auth())).statusCode).toBe(204);
    expect((await t.get('/queries/warm/events')).statusCode).toBe(404);
  });
});

describe('subscriptions', () => {
  let receiver: Server;
  let url = '';
  const answers: number[] = [];
  const taken: { body: string; headers: IncomingMessage['headers'] }[] = [];
  const waiters: (() => void)[] = [];
  beforeAll(async () => {
    receiver = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const status = answers.shift() ?? 200;
      taken.push({ body, headers: request.headers });
      response.writeHead(status).end();
      for (const done of waiters.splice(0)) done();
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const address = receiver.address();
    url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/hook`;
  });
  afterAll(() => receiver.close());
  const arrived = async (count: number) => {
    while (taken.length < count) await new Promise<void>((resolve) => waiters.push(resolve));
  };
  const idsIn = (body: string) =>
    eventsIn({ json: () => JSON.parse(body) as unknown }).map(({ eventID }) => eventID);

  it('sends what matches, again until it is taken, over a restart, each signed', async () => {
    await t.post('/queries', { name: 'sub', query: { EQ_bizStep: ['arriving'] } });
    const made = await t.post('/queries/sub/subscriptions', {
      dest: url,
      signatureToken: 'secret',
      stream: true,
    });
    expect(made.statusCode).toBe(201);
    expect(made.body).not.toContain('secret');
    answers.push(500);
    await capture(
      documentOf([
        objectEvent('s1', { eventID: 'urn:uuid:s1', bizStep: 'arriving' }),
        objectEvent('s2'),
      ]),
    );
    await arrived(1);
    // Taken down while the message waits for its next try.
    await t.restart();
    await arrived(2);
    await capture(documentOf([objectEvent('s3', { eventID: 'urn:uuid:s3', bizStep: 'arriving' })]));
    await arrived(3);
    expect(taken.map(({ body }) => idsIn(body))).toEqual([
      ['urn:uuid:s1'],
      ['urn:uuid:s1'],
      ['urn:uuid:s3'],
    ]);
    for (const { body, headers } of taken)
      expect(headers['gs1-signature']).toBe(signatureOf('secret', body));
    expect(taken[0]?.headers['message-id']).toBe(taken[1]?.headers['message-id']);
    const path = String(made.headers.location);
    expect((await t.app.inject({ url: path, headers: t.auth('grower') })).statusCode).toBe(404);
    expect((await t.app.inject({ url: path, headers: t.auth() })).json()).toMatchObject({
      stream: true,
      dest: url,
    });
    expect(
      (await t.app.inject({ method: 'DELETE', url: path, headers: t.auth() })).statusCode,
    ).toBe(204);
    expect((await t.get('/queries/sub/subscriptions', t.auth())).json()).toEqual([]);
  });

  it.each([
    [{ dest: 'ftp://x/', stream: true }],
    [{ stream: true }],
    [{ dest: 'https://example.com/' }],
    [{ dest: 'https://example.com/', stream: true, schedule: { hour: '1' } }],
    [{ dest: 'https://example.com/', schedule: { hour: '25' } }],
    [{ dest: 'https://example.com/', schedule: { fortnight: '1' } }],
    [{ dest: 'https://example.com/', stream: true, frob: 1 }],
    [7],
  ])('refuses %j', async (wish) => {
    const answer = await t.post('/queries/sub/subscriptions', wish);
    expect(answer.json()).toMatchObject({
      status: 400,
      type: 'epcisException:SubscriptionControlsException',
    });
  });
});
