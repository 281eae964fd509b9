// A small world for tests: a product from a plot over a yard to a warehouse, a labelled lot, one device with packs in two
// anchored batches, and a statement.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CborObject,
  decodePack,
  encodePack,
  encodeStatement,
  type Hash,
  leafHash,
  logRoot,
  type Profile,
  packId,
  profileHash,
  type SecretKey,
  unitLeaf,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { systemClock } from '../../engine/clock.ts';
import type { LedgerNode, NodeOptions } from '../../engine/node.ts';
import type { StoredPack } from '../../readings/port.ts';
import { createWorld } from '../../testing/world.ts';

export const START_MS = Date.UTC(2025, 0, 10);
export const GTIN = '06901234567892';
export const PLOT = '6901234500011';
export const WAREHOUSE = '6901234500028';
export const DEVICE = 'sensor-01';
export const LOT = 'A/1';
export const SERIALS = ['S1', 'S2', 'S3'];

const HOUR_MS = 3_600_000;
const SENSOR: SecretKey = { suite: 'ed25519', secret: new Uint8Array(32).fill(20) };

export interface World {
  readonly node: LedgerNode;
  readonly hash: Hash;
  readonly clock: typeof systemClock;
  advance(by_ms: number): void;
  /** A signed transaction. */
  tx(signer: string, module: string, action: string, payload: CborObject): Uint8Array;
  /** The same, committed. */
  act(...args: Parameters<World['tx']>): ReturnType<LedgerNode['submit']>;
  gatewayKey(): SecretKey;
  secretOf(id: string): SecretKey;
  close(): Promise<void>;
}

/** A real node with one process for four validators, its clock in our hands. */
export async function openWorld(
  profile: Profile = 'international',
  options: Partial<NodeOptions> = {},
): Promise<World> {
  const base = createWorld({ profile, time_ms: START_MS - HOUR_MS });
  const directory = await mkdtemp(join(tmpdir(), 'suyuan-http-'));
  let now_ms = START_MS;
  const clock = { ...systemClock, now_ms: () => now_ms };
  const node = await base.start({ directory, clock, ...options });
  const secretOf = (id: string) => base.keys.get(id) ?? SENSOR;

  const tx: World['tx'] = (signer, module, action, payload) =>
    base.sign(signer, `${module}.${action}`, payload, {
      secret: secretOf(signer),
      validUntilHeight: node.height() + 100,
    });
  return {
    node,
    hash: profileHash(nodeCrypto, profile),
    clock,
    advance(by_ms) {
      now_ms += by_ms;
    },
    tx,
    async act(...args) {
      const receipt = await node.submit(tx(...args));
      if (!receipt.ok) throw new Error(`seed: ${args[1]}.${args[2]} refused: ${receipt.code}`);
      return receipt;
    },
    gatewayKey: () => secretOf('gateway'),
    secretOf,
    async close() {
      await node.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

const names = (zh: string, en: string) => ({ zh, en });

/** Registers everything, harvests, ages and labels. The clock stands two days after the harvest. */
export async function seedLot(world: World): Promise<void> {
  const { act, node, hash } = world;
  const place = { township: names('三江镇', 'Sanjiang'), holder: 'grower' };
  await act('association', 'products', 'register', {
    gtin: GTIN,
    name: names('新会陈皮', 'Xinhui chenpi'),
    category: 'food',
    regime: 'none',
    unit: 'g',
  });
  await act('association', 'places', 'register', {
    gln: PLOT,
    kind: 'plot',
    name: names('果园', 'orchard'),
    ...place,
  });
  await act('association', 'places', 'register', {
    gln: WAREHOUSE,
    kind: 'warehouse',
    name: names('陈化仓', 'ageing store'),
    ...place,
  });
  await act('association', 'devices', 'register', {
    id: DEVICE,
    key: { suite: 'ed25519', key: nodeCrypto.publicKeyOf(SENSOR).bytes },
    holder: 'grower',
    interval_s: 3600,
    quantities: ['temperature', 'humidity'],
    place: WAREHOUSE,
  });
  await act('grower', 'lots', 'harvest', { gtin: GTIN, lot: 'RAW', place: PLOT, amount: 5_000 });
  await act('grower', 'lots', 'transform', {
    inputs: [{ gtin: GTIN, lot: 'RAW', amount: 5_000 }],
    outputs: [{ gtin: GTIN, lot: LOT, amount: 1_000 }],
    place: WAREHOUSE,
    process: 'age',
  });
  world.advance(48 * HOUR_MS);
  await act('grower', 'labels', 'issue', {
    gtin: GTIN,
    lot: LOT,
    batch: 'B1',
    root: logRoot(
      hash,
      SERIALS.map((serial) => leafHash(hash, unitLeaf(GTIN, LOT, serial))),
    ),
    count: SERIALS.length,
    net: 100,
  });
  await node.putSerials({ gtin: GTIN, lot: LOT, batch: 'B1', serials: SERIALS });
}

export interface SeededPacks {
  readonly packs: readonly StoredPack[];
  readonly leafHashes: ReadonlyMap<string, readonly Uint8Array[]>;
  readonly statement: Uint8Array;
  /** For tests that add some. */
  readonly moreStatements: Uint8Array[];
}

/** Packs of the ageing time, an hour apart, in two batches, both anchored; and the month's statement. `brokenAt` follows nothing. */
export async function seedPacks(world: World, count = 40, brokenAt = -1): Promise<SeededPacks> {
  const { hash } = world;
  const packs: StoredPack[] = [];
  const leafHashes = new Map<string, readonly Uint8Array[]>();
  let prev: Uint8Array = new Uint8Array(32);
  const half = Math.ceil(count / 2);
  for (let seq = 0; seq < count; seq += 1) {
    const time_ms = START_MS + (seq + 1) * HOUR_MS;
    const bytes = encodePack(nodeCrypto, {
      secret: SENSOR,
      deviceId: DEVICE,
      bootEpoch: 1,
      seq,
      prev: seq === brokenAt ? new Uint8Array(32).fill(9) : prev,
      readings: [
        { quantity: 'temperature', time_ms, value: 24_000 + seq },
        { quantity: 'humidity', time_ms, value: 60_000 - seq },
      ],
    });
    prev = packId(hash, decodePack(bytes));
    packs.push({
      gateway: 'gateway',
      batch: seq < half ? 0 : 1,
      leaf: seq < half ? seq : seq - half,
      device: DEVICE,
      boot: 1,
      seq,
      received_ms: time_ms,
      bytes,
    });
  }
  for (const batch of [0, 1]) {
    const leaves = packs.filter((p) => p.batch === batch).map((p) => leafHash(hash, p.bytes));
    leafHashes.set(`gateway/${batch}`, leaves);
    await world.act('gateway', 'anchors', 'commit', {
      v: 1,
      batch,
      root: logRoot(hash, leaves),
      count: leaves.length,
      from: START_MS,
      to: world.clock.now_ms(),
      map: null,
    });
  }
  return { packs, leafHashes, statement: statementOf(world), moreStatements: [] };
}

function statementOf(world: World): Uint8Array {
  const slots = new Uint8Array(3);
  for (let hour = 1; hour < 24; hour += 1)
    slots[hour >> 3] = (slots[hour >> 3] ?? 0) | (0x80 >> (hour & 7));
  return encodeStatement(
    nodeCrypto,
    { id: 'gateway', secret: world.gatewayKey() },
    {
      chainId: world.node.chainId,
      device: DEVICE,
      quantity: 'temperature',
      month: '2025-01',
      revision: 0,
      slot_s: 3600,
      at_ms: world.clock.now_ms(),
      days: [{ day: 10, count: 23, min: 24_000, max: 24_022, sum: 24_011 * 23, late: 0, slots }],
    },
  );
}
