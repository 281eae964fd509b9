// Recalls over the real server: what they reach, what is told of them, and who is told.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CborObject,
  hexToBytes,
  lotKey,
  type StateProof,
  verifyInScope,
  verifyNotInScope,
} from '@suyuan/contracts';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openJsonStore } from '../delivery/json-store.ts';
import { openOutbox } from '../delivery/outbox.ts';
import type { PostRequest } from '../delivery/post.ts';
import { type OpenServer, openServer, problemIn } from '../http/testing/open-server.ts';
import { GTIN, LOT, type World } from '../http/testing/seed.ts';
import { createRecallNotices, type RecallNotices } from './notices.ts';

const none = { g: 0, count: 0 };
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function open(deps: Parameters<typeof openServer>[0] = {}): Promise<OpenServer> {
  const server = await openServer(deps);
  closers.push(server.close);
  return server;
}

/** The scope of the seed lot as the server computes it, opened by the regulator. */
async function openRecall({ app, world }: OpenServer, change: CborObject = {}): Promise<string> {
  const seeds = [{ gtin: GTIN, lot: LOT }];
  const scope = (
    await app.inject({ method: 'POST', url: '/api/v1/recalls/scope', payload: { seeds } })
  ).json();
  const receipt = await world.node.submit(
    world.tx('regulator', 'recalls', 'open', {
      recall: 'R1',
      level: 1,
      mock: false,
      reason: 'residue',
      seeds,
      siblings: false,
      ancestors: false,
      scope: { root: hexToBytes(scope.root), count: scope.count },
      ...change,
    }),
  );
  return receipt.code;
}

describe('/recalls', () => {
  it('computes a scope that the ledger accepts, and shows the recall with its holders', async () => {
    const server = await open();
    expect(await openRecall(server)).toBe('');
    const recall = (await server.app.inject('/api/v1/recalls/R1')).json();
    expect(recall).toMatchObject({ id: 'R1', status: 'open', reconciled_permille: 0 });
    expect(recall.holderRecords).toHaveLength(recall.holders);
    const list = (await server.app.inject('/api/v1/recalls')).json();
    expect(list).toMatchObject({ recalls: [{ id: 'R1' }], next: null });
  });

  it('steps over the holders from one recall to the next, page by page', async () => {
    const server = await open();
    for (const recall of ['R1', 'R1-2', 'R/3', 'a']) {
      expect(await openRecall(server, { recall, mock: true })).toBe('');
    }
    const ids: string[] = [];
    for (let after: string | null = ''; after !== null; ) {
      const query: string = after === '' ? '' : `&after=${encodeURIComponent(after)}`;
      const page = (await server.app.inject(`/api/v1/recalls?limit=1${query}`)).json();
      ids.push(...page.recalls.map(({ id }: { id: string }) => id));
      after = page.next;
    }
    expect(ids.sort()).toEqual(['R/3', 'R1', 'R1-2', 'a']);
  });

  it('streams the lots in scope and proves of each lot whether it is one', async () => {
    const server = await open();
    await openRecall(server);
    const lines = (await server.app.inject('/api/v1/recalls/R1/scope')).body.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).lot)).toContain(LOT);

    const { hash, node } = server.world;
    const root = (node.read('recalls/R1') as { scope: { root: Uint8Array } }).scope.root;
    for (const [lot, inScope] of [
      [LOT, true],
      ['elsewhere', false],
    ] as const) {
      const url = `/api/v1/recalls/R1/scope/${GTIN}/${encodeURIComponent(lot)}`;
      const answer = (await server.app.inject(url)).json();
      expect(answer.inScope).toBe(inScope);
      const check = inScope ? verifyInScope : verifyNotInScope;
      check(hash, root, lotKey(GTIN, lot), proofIn(answer.proof));
    }
  });

  it('tells the times of a drill from its opening on', async () => {
    const server = await open();
    const { app, world } = server;
    expect(await openRecall(server, { mock: true })).toBe('');
    const { holderRecords, due } = (await app.inject('/api/v1/recalls/R1')).json();
    const before = (await app.inject('/api/v1/recalls/R1/report')).json();
    expect(before).toMatchObject({ allAcknowledged_ms: null, reconciled_ms: null });
    for (const holder of holderRecords) {
      world.advance(60_000);
      await world.act(holder.account, 'recalls', 'report', {
        recall: 'R1',
        recovered: holder.due,
        destroyed: none,
        sold: none,
      });
    }
    const report = (await app.inject('/api/v1/recalls/R1/report')).json();
    expect(report.reconciled_permille).toBe(1000);
    expect(report.reconciled_ms).toBeGreaterThanOrEqual(60_000 * holderRecords.length - 1000);
    expect(report.allAcknowledged_ms).toBe(report.reconciled_ms);
    expect(due.g).toBeGreaterThan(0);
    await world.act('regulator', 'recalls', 'close', { recall: 'R1' });
    const closed = (await app.inject('/api/v1/recalls/R1/report')).json();
    expect(closed.closed_ms).toBeGreaterThanOrEqual(report.reconciled_ms);
  });

  it('knows no recall that is none, and no lot that is none', async () => {
    const { app } = await open();
    for (const url of ['R9', 'R9/scope', 'R9/report', `R9/scope/${GTIN}/A`]) {
      expect(problemIn(await app.inject(`/api/v1/recalls/${url}`)).status, url).toBe(404);
    }
    const ask = (payload: object) =>
      app.inject({ method: 'POST', url: '/api/v1/recalls/scope', payload });
    expect(problemIn(await ask({ seeds: [{ gtin: GTIN, lot: 'nope' }] })).status).toBe(404);
    expect(problemIn(await ask({ seeds: [] })).status).toBe(400);
    expect(problemIn(await ask({ seeds: [{ gtin: GTIN, lot: LOT }], more: 1 })).status).toBe(400);
  });
});

describe('notices of recalls', () => {
  /** A shop for messages whose answers the test decides. */
  async function withOutbox(world: World, answer: (request: PostRequest) => number, limits = {}) {
    const directory = await mkdtemp(join(tmpdir(), 'suyuan-notices-'));
    const store = openJsonStore(directory);
    const sent: PostRequest[] = [];
    const timers: (() => void)[] = [];
    const outbox = openOutbox({
      store,
      post: async (request) => {
        sent.push(request);
        return answer(request);
      },
      now_ms: world.clock.now_ms,
      setTimer: (callback) => {
        timers.push(callback);
        return () => {};
      },
      allowPrivate: true,
      limits,
    });
    const errors: unknown[] = [];
    const begin = (): RecallNotices =>
      createRecallNotices({
        node: world.node,
        outbox,
        store,
        now_ms: world.clock.now_ms,
        onError: (error) => errors.push(error),
      });
    closers.push(async () => {
      await outbox.stop();
      await store.close();
      await rm(directory, { recursive: true, force: true });
    });
    return { outbox, sent, timers, begin, errors };
  }

  const contact = (world: World, id: string) =>
    world.act(id, 'accounts', 'set-contact', { webhook: `http://127.0.0.1:9/${id}` });

  /** Until what LMDB does in its own time is done. */
  const until = (holds: () => boolean) =>
    vi.waitFor(() => expect(holds()).toBe(true), { timeout: 10_000, interval: 5 });

  it('reach each holder that gave an address, again and again until it was taken', async () => {
    const server = await open();
    const { world, app } = server;
    expect(await openRecall(server)).toBe('');
    const [first] = (await app.inject('/api/v1/recalls/R1')).json().holderRecords;
    const account: string = first.account;
    let status = 500;
    const box = await withOutbox(world, () => status);
    const notices = box.begin();
    await notices.settled();
    expect(notices.of('R1', account)).toMatchObject([{ kind: 'opened', state: 'no-contact' }]);

    await contact(world, account);
    await notices.settled();
    expect(notices.of('R1', account)).toMatchObject([{ kind: 'opened', state: 'waiting' }]);
    box.outbox.start();
    await until(() => box.timers.length === 1);
    expect(notices.of('R1', account)[0]?.attempts).toBe(1);
    status = 204;
    box.timers.shift()?.();
    await until(() => notices.of('R1', account)[0]?.state === 'delivered');
    expect(JSON.parse(box.sent[1]?.body ?? '')).toMatchObject({ kind: 'recall.opened', account });
    expect(box.sent).toHaveLength(2);
    await until(() => box.outbox.waiting(`recall/${account}`).length === 0);

    // Begun anew over the same ledger and store: nobody is told twice.
    notices.stop();
    const again = box.begin();
    await again.settled();
    expect(box.outbox.waiting(`recall/${account}`)).toEqual([]);
    expect(box.sent).toHaveLength(2);

    const { due } = (await app.inject('/api/v1/recalls/R1')).json();
    const shortfall = { ...due, reason: 'sold' };
    await world.act('regulator', 'recalls', 'close', { recall: 'R1', shortfall });
    await again.settled();
    await until(() => again.of('R1', account)[1]?.state === 'delivered');
    expect(box.errors).toEqual([]);
  });

  it('are owed for what was opened while nobody listened', async () => {
    const server = await open();
    const { world, app } = server;
    expect(await openRecall(server, { mock: true })).toBe('');
    const [first] = (await app.inject('/api/v1/recalls/R1')).json().holderRecords;
    await contact(world, first.account);
    const box = await withOutbox(world, () => 200);
    const notices = box.begin();
    await notices.settled();
    expect(box.outbox.waiting(`drill/${first.account}`)).toHaveLength(1);
  });

  it('are made up for when an outbox that was full has room again', async () => {
    const server = await open();
    const { world, app } = server;
    expect(await openRecall(server)).toBe('');
    const [first] = (await app.inject('/api/v1/recalls/R1')).json().holderRecords;
    const account: string = first.account;
    await contact(world, account);
    const box = await withOutbox(world, () => 200, { messagesMax: 1 });
    await box.outbox.enqueue({ lane: 'x', url: 'http://127.0.0.1:9/x', body: '', headers: {} });
    const notices = box.begin();
    await notices.settled();
    expect(box.outbox.waiting(`recall/${account}`)).toEqual([]);
    box.outbox.start();
    await until(() => notices.of('R1', account)[0]?.state === 'delivered');
    expect(box.errors).toEqual([]);
  });
});

interface ProofJson {
  readonly siblings: readonly string[];
  readonly leaf: { readonly path: string; readonly valueHash: string } | null;
}

function proofIn({ siblings, leaf }: ProofJson): StateProof {
  return {
    siblings: siblings.map(hexToBytes),
    leaf: leaf && { path: hexToBytes(leaf.path), valueHash: hexToBytes(leaf.valueHash) },
  };
}
