import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@suyuan/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assertTarget, isPublicAddress } from './address-guard.ts';
import { type JsonStore, openJsonStore } from './json-store.ts';
import { type Outbox, openOutbox } from './outbox.ts';
import { createPost, type PostRequest } from './post.ts';

const URL_A = 'https://example.com/a';

let directory: string;
let store: JsonStore;
let now_ms = 1_000;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'suyuan-outbox-'));
  store = openJsonStore(directory);
});
afterEach(async () => {
  await store.close();
  await rm(directory, { recursive: true, force: true });
});

/** An outbox whose posts answer what `answer` says, and whose timers the test fires. */
function box(answer: (request: PostRequest) => number | Error, limits = {}) {
  const sent: PostRequest[] = [];
  const timers: { run: () => void; delay_ms: number }[] = [];
  const idle: (() => void)[] = [];
  const outbox: Outbox = openOutbox({
    store,
    now_ms: () => now_ms,
    allowPrivate: false,
    limits,
    setTimer(run, delay_ms) {
      const timer = { run, delay_ms };
      timers.push(timer);
      for (const done of idle.splice(0)) done();
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
    async post(request) {
      sent.push(request);
      const status = answer(request);
      if (status instanceof Error) throw status;
      return status;
    },
  });
  return { outbox, sent, timers, paused: () => new Promise<void>((done) => idle.push(done)) };
}

const message = (body: string, lane = 'a') => ({ lane, url: URL_A, body, headers: {} });
const ended = (outbox: Outbox, count: number) =>
  new Promise<string[]>((resolve) => {
    const seen: string[] = [];
    outbox.onEnd(({ body }, ending) => {
      seen.push(`${body} ${ending}`);
      if (seen.length === count) resolve(seen);
    });
  });

describe('the outbox', () => {
  it('delivers in the order of a lane, again until a 2xx, with growing pauses', async () => {
    const answers = [500, new Error('reset'), 302, 204, 200];
    const { outbox, sent, timers, paused } = box(() => answers.shift() ?? 599);
    const all = ended(outbox, 2);
    const delays: number[] = [];
    await outbox.enqueue(message('one'));
    await outbox.enqueue(message('two'));
    let wait = paused();
    outbox.start();
    for (let n = 0; n < 3; n += 1) {
      await wait;
      wait = paused();
      const timer = timers.shift();
      delays.push(timer?.delay_ms ?? 0);
      timer?.run();
    }
    expect(await all).toEqual(['one delivered', 'two delivered']);
    expect(sent.map(({ body }) => body)).toEqual(['one', 'one', 'one', 'one', 'two']);
    expect(new Set(sent.slice(0, 4).map(({ headers }) => headers['message-id'])).size).toBe(1);
    expect(delays).toEqual([1_000, 2_000, 4_000]);
    await outbox.stop();
  });

  it('goes on after a restart, and lets a stuck lane hold up no other', async () => {
    const first = box(() => 500);
    await first.outbox.enqueue(message('one'));
    await first.outbox.enqueue(message('two'));
    await first.outbox.stop();
    await store.close();
    store = openJsonStore(directory);
    const { outbox } = box(({ body }) => (body === 'other' ? 200 : 500));
    expect(outbox.waiting('a').map(({ body }) => body)).toEqual(['one', 'two']);
    await outbox.enqueue(message('other', 'b'));
    const done = ended(outbox, 1);
    outbox.start();
    expect(await done).toEqual(['other delivered']);
    await outbox.stop();
    expect(outbox.waiting('a')).toHaveLength(2);
  });

  it('keeps a message whose delivery was not written down', async () => {
    const { outbox, timers, paused } = box(() => 200);
    let fail = true;
    const tries: string[] = [];
    outbox.onEnd(({ id }) => {
      tries.push(id);
      if (fail) throw new Error('disk');
    });
    await outbox.enqueue(message('one'));
    const wait = paused();
    outbox.start();
    await wait;
    fail = false;
    const done = ended(outbox, 1);
    timers.shift()?.run();
    await done;
    expect(tries).toHaveLength(2);
    await outbox.stop();
  });

  it('sends a recall at once though hundreds of lanes hang, and no host gets all the turns', async () => {
    const hung: ((error: Error) => void)[] = [];
    const tried: string[] = [];
    const timers: (() => void)[] = [];
    const outbox = openOutbox({
      store,
      now_ms: () => now_ms,
      allowPrivate: false,
      setTimer(run) {
        timers.push(run);
        return () => {};
      },
      post({ body }) {
        tried.push(body);
        return body === 'real' ? Promise.resolve(200) : new Promise((_, no) => hung.push(no));
      },
    });
    for (let i = 0; i < 300; i += 1)
      await outbox.enqueue({ ...message('drill', `drill/${i}`), url: 'https://dead.example/' });
    outbox.start();
    expect(hung).toHaveLength(4);
    const done = ended(outbox, 1);
    await outbox.enqueue({ ...message('real', 'recall/shop'), urgent: true });
    expect(await done).toEqual(['real delivered']);
    expect(tried).toEqual(['drill', 'drill', 'drill', 'drill', 'real']);
    for (const fail of hung.splice(0)) fail(new Error('timeout'));
    await outbox.stop();
  });

  it('keeps half of the turns for what was not tried yet, and turns over all lanes', async () => {
    const tried: string[] = [];
    const { outbox, timers, paused } = box(
      ({ url }) => {
        tried.push(new URL(url).pathname);
        return 500;
      },
      { atOnce: 2 },
    );
    for (const name of ['a', 'b', 'c'])
      await outbox.enqueue({ ...message(name, name), url: `https://${name}.example/${name}` });
    outbox.start();
    for (let n = 0; n < 3; n += 1) while (timers.length <= n) await paused();
    expect(tried).toEqual(['/a', '/b', '/c']);
    await outbox.stop();
  });

  it('keeps room for what is urgent', async () => {
    const { outbox } = box(() => 500, { messagesMax: 3, idleMessagesMax: 2 });
    await outbox.enqueue(message('one'));
    await outbox.enqueue(message('two', 'b'));
    await expect(outbox.enqueue(message('three', 'c'))).rejects.toMatchObject({
      code: 'delivery/full',
    });
    await outbox.enqueue({ ...message('three', 'c'), urgent: true });
    expect(outbox.waiting('c')).toHaveLength(1);
  });

  it('gives up what is too old, forgets a dropped lane, and is bounded', async () => {
    const { outbox } = box(() => 500, { messagesMax: 2, perLaneMax: 1, bodyChars_max: 5 });
    await outbox.enqueue(message('one'));
    const code = async (act: Promise<unknown>) => {
      const error = await act.catch((reason: unknown) => reason);
      return error instanceof AppError ? error.code : 'none';
    };
    expect(await code(outbox.enqueue(message('two')))).toBe('delivery/full');
    expect(await code(outbox.enqueue(message('longer', 'b')))).toBe('delivery/too-large');
    expect(await code(outbox.enqueue({ ...message('x', 'c'), url: 'http://[::1]/' }))).toBe(
      'delivery/bad-target',
    );
    await outbox.enqueue(message('two', 'b'));
    expect(await code(outbox.enqueue(message('3', 'c')))).toBe('delivery/full');
    await outbox.drop('b');
    await outbox.enqueue(message('3', 'c'));
    now_ms += 31 * 86_400_000;
    const done = ended(outbox, 2);
    outbox.start();
    expect((await done).sort()).toEqual(['3 given-up', 'one given-up']);
    await outbox.stop();
  });
});

describe('targets', () => {
  it.each([
    ['127.0.0.1', false],
    ['10.1.2.3', false],
    ['100.64.0.1', false],
    ['169.254.169.254', false],
    ['172.31.255.255', false],
    ['192.168.1.1', false],
    ['0.0.0.0', false],
    ['224.0.0.1', false],
    ['255.255.255.255', false],
    ['::1', false],
    ['::', false],
    ['fe80::1', false],
    ['fd00::1', false],
    ['::ffff:127.0.0.1', false],
    ['64:ff9b::7f00:1', false],
    ['2002:7f00:1::', false],
    ['2001:db8::1', false],
    ['8.8.8.8', true],
    ['2400:3200::1', true],
    ['no address', false],
  ])('%s is public: %s', (address, expected) => {
    expect(isPublicAddress(address)).toBe(expected);
  });

  it.each([
    'ftp://example.com/',
    'https://user:pw@example.com/',
    'https://example.com/#x',
    'http://localhost:80/',
    'http://x.local/',
    // What URL makes of other spellings of 127.0.0.1.
    'http://2130706433/',
    'http://0x7f.1/',
    'http://[::ffff:7f00:1]/',
    `https://example.com/${'x'.repeat(2_100)}`,
    'not a url',
    7,
  ])('%s is refused', (target) => {
    expect(() => assertTarget(target, false)).toThrow(AppError);
  });

  it('takes a public name, and a private one only when told to', () => {
    expect(assertTarget('https://example.com/x?y=1', false).href).toBe('https://example.com/x?y=1');
    expect(assertTarget('http://127.0.0.1:9/x', true).port).toBe('9');
  });
});

describe('a post', () => {
  let server: Server;
  let port = 0;
  beforeEach(async () => {
    server = createServer((request, response) => {
      if (request.url === '/away') response.writeHead(302, { location: '/taken' }).end();
      else if (request.url === '/never') return;
      else request.resume().on('end', () => response.writeHead(202).end('thanks'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });
  const at = (path: string, host = '127.0.0.1') => ({
    url: `http://${host}:${port}${path}`,
    headers: {},
    body: '{}',
  });
  const never = new AbortController().signal;

  it('gives the status, follows no redirect, and loses patience', async () => {
    const post = createPost({ allowPrivate: true, timeout_ms: 300 });
    expect(await post(at('/taken'), never)).toBe(202);
    expect(await post(at('/away'), never)).toBe(302);
    await expect(post(at('/never'), never)).rejects.toThrow();
  });

  it('does not reach a private address by a name', async () => {
    const post = createPost({ allowPrivate: false, timeout_ms: 300 });
    await expect(post(at('/taken'), never)).rejects.toMatchObject({ code: 'delivery/bad-target' });
    // Resolves to the loopback: refused where the name becomes an address.
    const named = createPost({ allowPrivate: false, timeout_ms: 2_000 });
    await expect(named(at('/taken', 'localhost.'), never)).rejects.toThrow();
  });
});
