import { decodePack, encodePack, packId, type SecretKey } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { expect, test } from 'vitest';
import { createMemoryReadings } from '../http/testing/memory-readings.ts';
import type { StoredPack } from '../readings/port.ts';
import { oneHistory } from './history.ts';

const hash = nodeCrypto.hash('sha256');
const secret: SecretKey = { suite: 'ed25519', secret: new Uint8Array(32).fill(3) };
const NONE = new Uint8Array(32);

function pack(seq: number, prev: Uint8Array, value = seq, gateway = 'g1'): StoredPack {
  const bytes = encodePack(nodeCrypto, {
    secret,
    deviceId: 'sensor-01',
    bootEpoch: 1,
    seq,
    prev,
    readings: [{ quantity: 'temperature', time_ms: 1_735_689_600_000 + seq, value }],
  });
  const place = { gateway, batch: seq, leaf: 0, device: 'sensor-01', boot: 1, seq };
  return { ...place, received_ms: 0, bytes };
}
const idOf = ({ bytes }: StoredPack) => packId(hash, decodePack(bytes));

/** What is shown of `asked` when the store holds `stored`. */
async function shown(asked: readonly StoredPack[], stored: readonly StoredPack[] = asked) {
  const seeded = { packs: stored, leafHashes: new Map(), statement: NONE, moreStatements: [] };
  const found = await oneHistory(createMemoryReadings(seeded), hash, asked);
  return found.map(({ seq, gateway }) => `${gateway}/${seq}`);
}

const a = pack(0, NONE);
const b = pack(1, idOf(a));
const c = pack(2, idOf(b));
/** Signed after the memory was restored to before b. */
const b2 = pack(1, idOf(a), 99);
const c2 = pack(2, idOf(b2));

test('a history is shown whole, from wherever it begins', async () => {
  expect(await shown([a, b, c])).toEqual(['g1/0', 'g1/1', 'g1/2']);
  expect(await shown([c, a], [a, b, c])).toEqual(['g1/2', 'g1/0']);
  expect(await shown([c], [c])).toEqual(['g1/2']);
  expect(await shown([])).toEqual([]);
});

test('the later pack of a broken pair is left out, and what follows it stays', async () => {
  const d2 = pack(3, idOf(c2));
  expect(await shown([a, b, c2, d2])).toEqual(['g1/0', 'g1/1', 'g1/3']);
});

test('it is left out alone too: another answer may show the pack before it', async () => {
  expect(await shown([c2], [a, b, c2])).toEqual([]);
  expect(await shown([c], [a, b, c2, c])).toEqual(['g1/2']);
});

test('a number that was used twice, at two gateways, is shown once and followed by nothing', async () => {
  const elsewhere = { ...b2, gateway: 'g2' };
  expect(await shown([a, b, elsewhere, c])).toEqual(['g1/0', 'g1/1']);
  expect(await shown([c], [a, b, elsewhere, c])).toEqual([]);
});

test('a pack that reached two gateways is one pack', async () => {
  expect(await shown([a, b, { ...b, gateway: 'g2' }, c])).toEqual(['g1/0', 'g1/1', 'g1/2']);
});
