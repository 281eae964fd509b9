import { AppError, decodeTx, type ReceiptView } from '@suyuan/contracts';
import { expect, test } from 'vitest';
import { accountTx, createWorld } from '../testing/world.ts';
import { createMempool, MEMPOOL_LIMITS } from './mempool.ts';

const world = createWorld();
let ids = 0;

function waiting() {
  const tx = decodeTx(accountTx(world, `farm-${ids}`));
  return { tx, txId: new Uint8Array(32).fill(++ids), verifiedSigner: {} as never };
}

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
  await expect(entries[0]!.receipt).rejects.toMatchObject({ code: 'node/stopped' });
});

test('is bounded in number, in bytes and per signer, and has room again afterwards', () => {
  const first = waiting();
  const size_bytes = first.tx.bytes.length + 10;
  const bounds = [
    [{ count: 1 }, 'tx/mempool-full'],
    [{ size_bytes }, 'tx/mempool-full'],
    [{ perSigner: 1 }, 'tx/too-many-waiting'],
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

test('a receipt reaches whoever waits', async () => {
  const mempool = createMempool(MEMPOOL_LIMITS);
  const entry = mempool.add(waiting());
  const view: ReceiptView = { txId: entry.txId, ok: true, code: '', height: 1, time_ms: 2 };
  entry.resolve(view);
  expect(await entry.receipt).toEqual(view);
});
