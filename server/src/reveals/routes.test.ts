import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError, hiddenCommitment, leafHash, logRoot, unitLeaf } from '@suyuan/contracts';
import { afterEach, describe, expect, it } from 'vitest';
import type { HttpOptions } from '../http/options.ts';
import { type OpenServer, openServerOver, problemIn } from '../http/testing/open-server.ts';
import { GTIN, LOT, openWorld, seedLot, type World } from '../http/testing/seed.ts';
import { openScanStore } from '../scans/store.ts';
import type { RevealCarrier } from './carrier.ts';
import { openRevealStore } from './store.ts';
import { TRIES } from './tries.ts';

const SERIALS = ['H1', 'H2', 'H3'];
const CODE = '7K0M1Q8ZA2C4E';
const codeOf = (serial: string) => `${CODE.slice(0, -2)}${serial}`;
const linkOf = (serial: string) => `/01/${GTIN}/10/${encodeURIComponent(LOT)}/21/${serial}`;
const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** A batch with hidden codes beside the open one; its last unit is on no pack. */
async function seedHidden(world: World): Promise<void> {
  const { hash } = world;
  const commitments = SERIALS.map((serial) =>
    hiddenCommitment(hash, { gtin: GTIN, lot: LOT, serial }, codeOf(serial)),
  );
  const leaves = SERIALS.map((serial, i) =>
    leafHash(hash, unitLeaf(GTIN, LOT, serial, commitments[i])),
  );
  const name = { gtin: GTIN, lot: LOT, batch: 'B2' };
  const [root, count] = [logRoot(hash, leaves), SERIALS.length];
  await world.act('grower', 'labels', 'issue', { ...name, root, count, net: 100, hidden: true });
  await world.node.putSerials({ ...name, serials: SERIALS, commitments });
  await world.act('grower', 'labels', 'activate', { ...name, upTo: 2 });
}

type Carry = RevealCarrier['reveal'];

interface Opened extends OpenServer {
  readonly carried: Parameters<Carry>[0][];
}

interface Opening {
  readonly carrier?: 'none' | ((own: Carry) => Carry);
  readonly options?: Partial<HttpOptions>;
}

async function open({ carrier, options }: Opening = {}): Promise<Opened> {
  const directory = await mkdtemp(join(tmpdir(), 'suyuan-reveals-'));
  undo.push(() => rm(directory, { recursive: true, force: true }));
  const scans = openScanStore(join(directory, 'scans'));
  undo.push(() => scans.close());
  const reveals = openRevealStore(join(directory, 'reveals'));
  undo.push(() => reveals.close());
  const world = await openWorld();
  await seedLot(world);
  await seedHidden(world);
  const carried: Opened['carried'] = [];
  const own: Carry = (payload) => {
    carried.push(payload);
    return world.act('grower', 'labels', 'reveal', payload);
  };
  const reveal = typeof carrier === 'function' ? carrier(own) : own;
  const packs = {
    packs: [],
    leafHashes: new Map(),
    statement: new Uint8Array(),
    moreStatements: [],
  };
  const server = await openServerOver(
    world,
    packs,
    { scans, reveals, ...(carrier === 'none' ? {} : { carrier: { reveal } }) },
    options,
  );
  undo.push(() => server.close());
  return { ...server, carried };
}

const show = ({ app }: OpenServer, serial: string, code: string, phone = 1) =>
  app.inject({
    method: 'POST',
    url: '/api/v1/reveals',
    remoteAddress: `192.0.2.${phone}`,
    headers: { 'user-agent': 'phone' },
    payload: { link: linkOf(serial), code, ...visitOf(phone) },
  });

/** Phone 0 makes no number of its own. */
const visitOf = (phone: number) => (phone === 0 ? {} : { visit: String(phone).padStart(32, '0') });

const revealsOf = async ({ app }: OpenServer, serial: string) =>
  (await app.inject(`/api/v1/scans?link=${encodeURIComponent(linkOf(serial))}`)).json().reveals;

describe('a hidden code', () => {
  it('is revealed on the ledger once; the next one who shows it learns when', async () => {
    const server = await open();
    expect(await revealsOf(server, 'H1')).toEqual({ revealedAt_ms: null, again: 0 });
    const first = await show(server, 'H1', codeOf('H1'));
    expect(first.statusCode).toBe(200);
    const height = server.world.node.height();
    const { revealedAt_ms, txId } = first.json();
    expect(first.json()).toMatchObject({ outcome: 'first', height, again: 0 });
    expect(server.world.node.read(`reveals/${GTIN}/${encodeURIComponent(LOT)}/H1`)).toMatchObject({
      batch: 'B2',
      index: 0,
      at: revealedAt_ms,
    });
    const second = await show(server, 'H1', codeOf('H1'), 2);
    expect(second.json()).toEqual({ outcome: 'again', revealedAt_ms, height, txId, again: 1 });
    expect(await revealsOf(server, 'H1')).toEqual({ revealedAt_ms, again: 1 });
    expect(server.carried.length).toBe(1);
    expect(server.world.node.height()).toBe(height);
  });

  it('is one person’s only by a number of the phone: one address and one browser may be a household', async () => {
    const server = await open();
    await show(server, 'H1', codeOf('H1'), 0);
    expect((await show(server, 'H1', codeOf('H1'), 0)).json()).toMatchObject({
      outcome: 'again',
      again: 1,
    });
    const payload = { link: linkOf('H1'), code: codeOf('H1'), visit: 'me' };
    const bad = await server.app.inject({ method: 'POST', url: '/api/v1/reveals', payload });
    expect(bad.statusCode).toBe(400);
  });

  it('is read however it is typed', async () => {
    const server = await open();
    const typed = codeOf('H2')
      .toLowerCase()
      .replaceAll('0', 'o')
      .replace(/(.{4})/g, '$1-');
    expect((await show(server, 'H2', typed)).json()).toMatchObject({ outcome: 'first' });
  });

  it('shown twice by one phone within the hour is shown once, then it counts', async () => {
    const server = await open();
    await show(server, 'H1', codeOf('H1'));
    expect((await show(server, 'H1', codeOf('H1'))).json()).toMatchObject({ outcome: 'same' });
    await show(server, 'H1', codeOf('H1'), 2);
    // The one who came second is told the same again, and counted once.
    const repeated = await show(server, 'H1', codeOf('H1'), 2);
    expect(repeated.json()).toMatchObject({ outcome: 'again', again: 1 });
    server.world.advance(2 * 3_600_000);
    const late = await show(server, 'H1', codeOf('H1'));
    expect(late.json()).toMatchObject({ outcome: 'again', again: 2 });
  });

  it('shown by two phones at once is revealed by one', async () => {
    const server = await open();
    const answers = await Promise.all(
      [1, 2, 3].map((phone) => show(server, 'H1', codeOf('H1'), phone)),
    );
    const outcomes = answers.map((answer) => answer.json().outcome).sort();
    expect(outcomes).toEqual(['again', 'again', 'first']);
    expect(server.carried.length).toBe(1);
  });

  it('that is wrong never reaches the ledger, and tries are limited', async () => {
    const server = await open();
    const height = server.world.node.height();
    for (let i = 0; i < TRIES.perUnit; i += 1) {
      const code = `${CODE.slice(0, -2)}${String(i).padStart(2, '0')}`;
      expect(problemIn(await show(server, 'H1', code))).toMatchObject({
        status: 422,
        code: 'labels/wrong-code',
      });
    }
    const cutOff = await show(server, 'H1', codeOf('H1'));
    expect(problemIn(cutOff)).toMatchObject({ status: 429, code: 'http/too-many-requests' });
    expect(Number(cutOff.headers['retry-after'])).toBeGreaterThan(60);
    expect(server.carried).toEqual([]);
    expect(server.world.node.height()).toBe(height);
    // Neither another phone nor another pack is cut off with it.
    expect((await show(server, 'H2', codeOf('H2'))).json()).toMatchObject({ outcome: 'first' });
    expect((await show(server, 'H1', codeOf('H1'), 2)).json()).toMatchObject({ outcome: 'first' });
    server.world.advance(TRIES.window_ms);
    expect((await show(server, 'H1', codeOf('H1'))).json()).toMatchObject({ outcome: 'again' });
  });

  it('is another one’s, of no pack yet, or where there is none', async () => {
    const server = await open();
    expect(problemIn(await show(server, 'H1', codeOf('H2'))).code).toBe('labels/wrong-code');
    expect(problemIn(await show(server, 'H3', codeOf('H3')))).toMatchObject({
      status: 422,
      code: 'labels/not-activated',
    });
    expect(problemIn(await show(server, 'S1', CODE)).code).toBe('labels/no-hidden-code');
    expect(await revealsOf(server, 'S1')).toBeNull();
    expect(server.carried.length).toBe(1);
  });

  it('is refused where it is none, and units are not guessed here either', async () => {
    const server = await open({ options: { unknownUnitsMax: 2 } });
    for (const [payload, field] of [
      [{ link: linkOf('H1'), code: 'SHORT' }, 'code'],
      [{ link: linkOf('H1'), code: `${CODE}U` }, 'code'],
      [{ link: linkOf('H1'), code: 'x'.repeat(65) }, 'code'],
      [{ link: linkOf('H1'), code: 7 }, 'code'],
      [{ link: linkOf('H1') }, 'code'],
      [{ link: `/01/${GTIN}`, code: CODE }, 'link'],
      [{ link: linkOf('H1'), code: CODE, by: 'me' }, 'by'],
    ] as const) {
      const answer = await server.app.inject({ method: 'POST', url: '/api/v1/reveals', payload });
      expect(problemIn(answer)).toMatchObject({ status: 400, field });
    }
    for (const serial of ['NONE', 'NEVER']) {
      expect(problemIn(await show(server, serial, CODE))).toMatchObject({
        status: 404,
        code: 'resolver/unknown',
      });
    }
    expect(problemIn(await show(server, 'H1', codeOf('H1'))).status).toBe(429);
  });

  it('waits for a server that has somebody to carry it', async () => {
    const server = await open({ carrier: 'none' });
    expect(problemIn(await show(server, 'H1', CODE)).code).toBe('labels/wrong-code');
    expect(problemIn(await show(server, 'H1', codeOf('H1')))).toMatchObject({
      status: 503,
      code: 'reveals/no-carrier',
    });
  });

  it('is not used up when the ledger did not take it', async () => {
    let broken = true;
    const server = await open({
      carrier: (own) => (payload) => {
        if (broken) throw new AppError('tx/mempool-full', 'full');
        return own(payload);
      },
    });
    expect(problemIn(await show(server, 'H1', codeOf('H1')))).toMatchObject({
      status: 503,
      code: 'reveals/not-carried',
    });
    broken = false;
    expect((await show(server, 'H1', codeOf('H1'))).json()).toMatchObject({ outcome: 'first' });
  });

  it('whose answer was lost is told to the same phone when it asks again', async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const server = await open({
      carrier: (own) => async (payload) => {
        await held;
        return own(payload);
      },
      options: { commitTimeout_ms: 1 },
    });
    expect(problemIn(await show(server, 'H1', codeOf('H1')))).toMatchObject({
      status: 504,
      code: 'http/commit-timeout',
    });
    release();
    const asked = async () => (await show(server, 'H1', codeOf('H1'))).json().outcome;
    await expect.poll(asked).toBe('same');
    expect((await revealsOf(server, 'H1')).again).toBe(0);
    expect(server.carried.length).toBe(1);
  });
});
