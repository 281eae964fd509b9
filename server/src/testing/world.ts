// A consortium for tests: four validators whose keys one node holds, and accounts for each role. Keys come from names.

import { createHash } from 'node:crypto';
import {
  type CborObject,
  type CryptoProvider,
  encodeGenesis,
  encodeTx,
  openGenesis,
  type Profile,
  type Role,
  RULES_VERSION,
  type SecretKey,
  validatorSuite,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { createSolo } from '../consensus/solo.ts';
import { systemClock } from '../engine/clock.ts';
import { silentLogger } from '../engine/logger.ts';
import { createNode, type LedgerNode, type NodeOptions } from '../engine/node.ts';

const ROLES: readonly Role[] = [
  'association',
  'regulator',
  'bureau',
  'carrier',
  'grower',
  'gateway',
];
const VALIDATORS = ROLES.slice(0, 4);

export const GTIN = '06901234567892';
export const PLOT = '6901234567892';

export interface World {
  readonly genesis: Uint8Array;
  readonly chainId: Uint8Array;
  readonly crypto: CryptoProvider;
  readonly keys: ReadonlyMap<string, SecretKey>;
  /** A transaction of that account; every call makes another idempotency key, unless `key` names one. */
  sign(
    signer: string,
    name: string,
    payload: CborObject,
    options?: { key?: number; validUntilHeight?: number; secret?: SecretKey; chainId?: Uint8Array },
  ): Uint8Array;
  start(options: Partial<NodeOptions> & { directory: string }): Promise<LedgerNode>;
}

export function createWorld(
  options: { profile?: Profile; name?: string; time_ms?: number; firstKey?: number } = {},
): World {
  const profile = options.profile ?? 'international';
  const suite = validatorSuite(profile);
  const keys = new Map<string, SecretKey>(
    ROLES.map((id) => [
      id,
      { suite, secret: new Uint8Array(createHash('sha256').update(`test ${id}`).digest()) },
    ]),
  );
  const keyOf = (id: string) => nodeCrypto.publicKeyOf(keys.get(id)!);
  const genesis = encodeGenesis({
    name: options.name ?? 'test',
    profile,
    time_ms: options.time_ms ?? 1_760_000_000_000,
    rules: RULES_VERSION,
    validators: VALIDATORS.map((id) => ({ id, key: keyOf(id) })),
    accounts: ROLES.map((id) => ({
      id,
      roles: [id],
      name: { zh: id, en: id },
      key: keyOf(id),
      status: 'active' as const,
    })),
  });
  const { chainId } = openGenesis(nodeCrypto, genesis);
  let next = options.firstKey ?? 1;
  return {
    genesis,
    chainId,
    crypto: nodeCrypto,
    keys,
    sign(signer, name, payload, { key, validUntilHeight = 1000, secret, chainId: other } = {}) {
      const idempotencyKey = new Uint8Array(16);
      new DataView(idempotencyKey.buffer).setUint32(12, key ?? next++);
      const [module, action] = name.split('.') as [string, string];
      return encodeTx(nodeCrypto, {
        secret: secret ?? keys.get(signer)!,
        signer,
        chainId: other ?? chainId,
        module,
        action,
        payload,
        idempotencyKey,
        validUntilHeight,
      });
    },
    start: (given) =>
      createNode({
        genesis,
        crypto: nodeCrypto,
        clock: systemClock,
        logger: silentLogger,
        consensus: createSolo({ crypto: nodeCrypto, keys, minInterval_ms: 0 }),
        ...given,
      }),
  };
}

export function accountTx(world: World, id: string): Uint8Array {
  const { bytes } = nodeCrypto.publicKeyOf({
    suite: 'ed25519',
    secret: new Uint8Array(createHash('sha256').update(id).digest()),
  });
  return world.sign('association', 'accounts.register', {
    id,
    roles: ['grower'],
    name: { zh: id, en: id },
    key: { suite: 'ed25519', key: bytes },
  });
}

export function anchorTx(world: World, batch: number): Uint8Array {
  return world.sign('gateway', 'anchors.commit', {
    v: 1,
    batch,
    root: new Uint8Array(32).fill(batch + 1),
    count: 10,
    from: 1_760_000_000_000,
    to: 1_760_000_001_000,
    map: null,
  });
}

/** A product, a plot and a lot of 1 000 kg on it. */
export async function seedLot(world: World, node: LedgerNode, lot: string): Promise<void> {
  const names = { zh: '新会柑', en: 'Xinhui mandarin' };
  const steps: [string, string, CborObject][] = [
    [
      'association',
      'products.register',
      { gtin: GTIN, name: names, category: 'farm-product', regime: 'none', unit: 'g' },
    ],
    [
      'association',
      'places.register',
      { gln: PLOT, kind: 'plot', name: names, township: names, holder: 'grower' },
    ],
    ['grower', 'lots.harvest', { gtin: GTIN, lot, place: PLOT, amount: 1_000_000 }],
  ];
  for (const [signer, name, payload] of steps) {
    const receipt = await node.submit(world.sign(signer, name, payload));
    if (!receipt.ok) throw new Error(`${name}: ${receipt.code}`);
  }
}
