import { type Account, AppError, decodeTx, type ReceiptView, type Role } from '@suyuan/contracts';
import { expect, test } from 'vitest';
import { accountTx, anchorTx, createWorld } from '../testing/world.ts';
import { createMempool, MEMPOOL_LIMITS } from './mempool.ts';

const world = createWorld();
let ids = 0;

function waiting(bytes = accountTx(world, `farm-${ids}`), role: Role = 'association') {
  const verifiedSigner = { roles: [role] } as unknown as Account;
  ids += 1;
  const id = new Uint8Array(32).fill(ids);
  return { tx: decodeTx(bytes), txId: id, leaf: id, verifiedSigner };
}

const anchor = () => waiting(anchorTx(world, 0), 'gateway');

test('holds in order, finds by id, and gives back all it held', async () => {
  const mempool = createMempool(MEMPOOL_LIMITS);
  const entries = [waiting(), waiting(), waiting()].map((item) => mempool.add(item));
  expect([...mempool.entries()]).toEqual(entries);
  expect(mempool.find(entries[1]!.txId)).toBe(entries[1]);
  mempool.remove(entries[1]!.txId);
  mempool.remove(entries[1]!.txId);
  expect(mempool.find(entries[1]!.txId)).toBeUndefined();
  expect(mempool.count).toBe(2);
  mempool.clear(new AppError('node/stopped', 'stopped'));
  expect([mempool.count, mempool.size_bytes]).toEqual([0, 0]);
  await expect(entries[0]!.receipt()).rejects.toMatchObject({ code: 'node/stopped' });
});

test('is bounded in number, in bytes and per signer, and has room again afterwards', () => {
  const first = waiting();
  const size_bytes = first.tx.bytes.length + 10;
  const unreserved = { gatewayCount: 0, gateway_bytes: 0 };
  const bounds = [
    [{ count: 1, ...unreserved }, 'tx/mempool-full'],
    [{ size_bytes, ...unreserved }, 'tx/mempool-full'],
    [{ perSigner: 1 }, 'tx/too-many-waiting'],
    [{ perSigner_bytes: size_bytes }, 'tx/too-many-waiting'],
  ] as const;
  for (const [limit, code] of bounds) {
    const mempool = createMempool({ ...MEMPOOL_LIMITS, ...limit });
    const entry = mempool.add(first);
    expect(() => mempool.add(waiting())).toThrow(expect.objectContaining({ code }));
    expect(mempool.count).toBe(1);
    mempool.remove(entry.txId);
    mempool.add(waiting());
  }
});

test('keeps room for anchors when others have filled theirs', () => {
  const bytes = waiting().tx.bytes.length;
  const shares = [
    { count: 3, gatewayCount: 1 },
    { size_bytes: 3 * bytes, gateway_bytes: bytes },
  ];
  for (const share of shares) {
    const mempool = createMempool({ ...MEMPOOL_LIMITS, ...share });
    mempool.add(waiting());
    mempool.add(waiting());
    expect(() => mempool.add(waiting())).toThrow(
      expect.objectContaining({ code: 'tx/mempool-full' }),
    );
    mempool.add(anchor());
    expect(mempool.count).toBe(3);
  }
});

test('signers take turns, so an anchor does not wait for all that another has sent', () => {
  const mempool = createMempool(MEMPOOL_LIMITS);
  const many = [1, 2, 3].map(() => mempool.add(waiting()));
  const anchors = [1, 2].map(() => mempool.add(anchor()));
  expect([...mempool.entries()]).toEqual([many[0], anchors[0], many[1], anchors[1], many[2]]);
  mempool.remove(many[0]!.txId);
  expect([...mempool.entries()]).toEqual([many[1], anchors[0], many[2], anchors[1]]);
});

test('a receipt reaches whoever waits', async () => {
  const mempool = createMempool(MEMPOOL_LIMITS);
  const entry = mempool.add(waiting());
  const view: ReceiptView = { txId: entry.txId, ok: true, code: '', height: 1, time_ms: 2 };
  entry.resolve(view);
  expect(await entry.receipt()).toEqual(view);
});
