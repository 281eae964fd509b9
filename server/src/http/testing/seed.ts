// A small world for tests: a product from a plot over a yard to a warehouse, a labelled lot, one device with packs in two
// anchored batches, and a statement.

import {
  type CborObject,
  decodePack,
  encodePack,
  encodeStatement,
  encodeTx,
  type Genesis,
  leafHash,
  logRoot,
  packId,
  type Role,
  RULES_VERSION,
  type SecretKey,
  unitLeaf,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import type { StoredPack } from '../../readings/port.ts';
import { createMemoryLedger } from './memory-ledger.ts';

export const START_MS = Date.UTC(2025, 0, 10);
export const GTIN = '06901234567892';
export const PLOT = '6901234500011';
export const WAREHOUSE = '6901234500028';
export const DEVICE = 'sensor-01';
export const LOT = 'A/1';
export const SERIALS = ['S1', 'S2', 'S3'];

const HOUR_MS = 3_600_000;
const hash = nodeCrypto.hash('sha256');

function secret(n: number): SecretKey {
  return { suite: 'ed25519', secret: new Uint8Array(32).fill(n) };
}

const ACCOUNTS: readonly (readonly [id: string, role: Role, key: number])[] = [
  ['association', 'association', 1],
  ['grower', 'grower', 2],
  ['gateway', 'gateway', 3],
];

const VALIDATORS = [10, 11, 12, 13].map((n) => ({ id: `validator-${n}`, secret: secret(n) }));

const GENESIS: Genesis = {
  name: 'test chain',
  profile: 'international',
  time_ms: START_MS - HOUR_MS,
  rules: RULES_VERSION,
  validators: VALIDATORS.map(({ id, secret: s }) => ({ id, key: nodeCrypto.publicKeyOf(s) })),
  accounts: ACCOUNTS.map(([id, role, n]) => ({
    id,
    roles: [role],
    name: { zh: `账户${n}`, en: `account ${n}` },
    key: nodeCrypto.publicKeyOf(secret(n)),
    status: 'active',
  })),
};

export function createWorld() {
  let now_ms = START_MS;
  let keys = 0;
  const clock = { now_ms: () => now_ms };
  const secrets = VALIDATORS.map((v) => v.secret);
  const ledger = createMemoryLedger({ genesis: GENESIS, secrets, now_ms: clock.now_ms });

  const tx = (signer: string, module: string, action: string, payload: CborObject): Uint8Array => {
    keys += 1;
    const key = ACCOUNTS.find(([id]) => id === signer)?.[2] ?? 99;
    return encodeTx(nodeCrypto, {
      secret: secret(key),
      signer,
      chainId: ledger.chainId,
      module,
      action,
      payload,
      idempotencyKey: new Uint8Array(16).fill(keys),
      validUntilHeight: ledger.height() + 100,
    });
  };
  const act = async (...args: Parameters<typeof tx>) => {
    const receipt = await ledger.submit(tx(...args));
    if (!receipt.ok) throw new Error(`seed: ${args[1]}.${args[2]} refused with ${receipt.code}`);
    return receipt;
  };
  return {
    ledger,
    clock,
    hash,
    tx,
    act,
    advance: (by_ms: number) => {
      now_ms += by_ms;
    },
  };
}

export type World = ReturnType<typeof createWorld>;

const names = (zh: string, en: string) => ({ zh, en });

/** Registers everything, harvests, ages and labels. The clock stands two days after the harvest. */
export async function seedLot(world: World): Promise<void> {
  const { act, ledger } = world;
  const place = { township: names('三江镇', 'Sanjiang'), holder: 'grower' };
  await act('association', 'products', 'register', {
    gtin: GTIN,
    name: names('新会陈皮', 'Xinhui chenpi'),
    category: 'food',
    regime: 'gi',
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
    key: { suite: 'ed25519', key: nodeCrypto.publicKeyOf(secret(20)).bytes },
    holder: 'grower',
    interval_s: 3600,
    quantities: ['temperature', 'humidity'],
    place: WAREHOUSE,
  });
  await act('grower', 'lots', 'harvest', { gtin: GTIN, lot: 'RAW', place: PLOT, mass_g: 5_000 });
  await act('grower', 'lots', 'transform', {
    inputs: [{ gtin: GTIN, lot: 'RAW', mass_g: 5_000 }],
    outputs: [{ gtin: GTIN, lot: LOT, mass_g: 1_000 }],
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
    net_g: 100,
  });
  await ledger.putSerials({ gtin: GTIN, lot: LOT, batch: 'B1', serials: SERIALS });
}

export interface SeededPacks {
  readonly packs: readonly StoredPack[];
  readonly leafHashes: ReadonlyMap<string, readonly Uint8Array[]>;
  readonly statement: Uint8Array;
}

/** Packs of the ageing time, an hour apart, in two batches, both anchored; and the month's statement. */
export async function seedPacks(world: World, count = 40): Promise<SeededPacks> {
  const packs: StoredPack[] = [];
  const leafHashes = new Map<string, readonly Uint8Array[]>();
  let prev: Uint8Array = new Uint8Array(32);
  const half = Math.ceil(count / 2);
  for (let seq = 0; seq < count; seq += 1) {
    const time_ms = START_MS + (seq + 1) * HOUR_MS;
    const bytes = encodePack(nodeCrypto, {
      secret: secret(20),
      deviceId: DEVICE,
      bootEpoch: 1,
      seq,
      prev,
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
  return { packs, leafHashes, statement: statementOf(world, count) };
}

function statementOf(world: World, count: number): Uint8Array {
  const slots = new Uint8Array(3);
  for (let hour = 1; hour < 24; hour += 1)
    slots[hour >> 3] = (slots[hour >> 3] ?? 0) | (0x80 >> (hour & 7));
  return encodeStatement(
    nodeCrypto,
    { id: 'gateway', secret: secret(3) },
    {
      chainId: world.ledger.chainId,
      device: DEVICE,
      quantity: 'temperature',
      month: '2025-01',
      revision: 0,
      slot_s: 3600,
      packs: [{ bootEpoch: 1, firstSeq: 0, lastSeq: count - 1, count }],
      days: [{ day: 10, count: 23, min: 24_000, max: 24_022, sum: 24_011 * 23, late: 0, slots }],
    },
  );
}
