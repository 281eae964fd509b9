// The ledger of the benchmark and the trade on it: growers who harvest, dry and ship, one lot after the other. Keys follow from
// names, so that every process knows the same consortium.

import { hash } from 'node:crypto';
import {
  type CborObject,
  encodeGenesis,
  encodeTx,
  openGenesis,
  type Profile,
  RULES_VERSION,
  type SecretKey,
  validatorSuite,
} from '@suyuan/contracts';
import { checkDigit } from '@suyuan/contracts/gs1';
import { nodeCrypto } from '@suyuan/contracts/node';

export const VALIDATORS = ['org-1', 'org-2', 'org-3', 'org-4'] as const;
/** Each works at several lots at once. */
export const GROWERS = 200;
export const GTIN = '06901234567892';
/** Actions in the life of one lot. */
export const STEPS = 3;
const GENESIS_TIME_MS = 1_760_000_000_000;
const VALID_BLOCKS = 9_000;
const LOT_G = 1_000;
const ASSOCIATION = 'org-1';
const SHOP = 'shop';
const SHOP_PLACE = glnOf(999_999);

export interface Trade {
  readonly genesis: Uint8Array;
  readonly chainId: Uint8Array;
  readonly keys: ReadonlyMap<string, SecretKey>;
  /** What must be on the ledger before the growers, in order. */
  beginnings(): Uint8Array[];
  /** The account and the plot of a grower, in order. */
  settle(grower: number): Uint8Array[];
  /** Harvest, drying and shipping of a grower's n-th lot, to be sent one after the other; for a chain of about that height. */
  lot(grower: number, n: number, height?: number): Uint8Array[];
  harvest(grower: number, lot: string, amount: number, height?: number): Uint8Array;
  split(grower: number, lot: string, parts: readonly string[], height?: number): Uint8Array;
}

export function createTrade(profile: Profile): Trade {
  const suite = validatorSuite(profile);
  const secretOf = (name: string): SecretKey => ({
    suite,
    secret: new Uint8Array(hash('sha256', `suyuan bench ${name}`, 'buffer')),
  });
  const keys = new Map(VALIDATORS.map((id): [string, SecretKey] => [id, secretOf(id)]));
  const growerName = (grower: number) => `grower-${grower}`;
  const growers = Array.from({ length: GROWERS }, (_, i) => secretOf(growerName(i)));
  const shop = secretOf(SHOP);
  const names = (en: string) => ({ zh: en, en });
  const genesis = encodeGenesis({
    name: 'bench',
    profile,
    time_ms: GENESIS_TIME_MS,
    rules: RULES_VERSION,
    validators: VALIDATORS.map((id) => ({ id, key: nodeCrypto.publicKeyOf(keys.get(id)!) })),
    accounts: [
      ...VALIDATORS.map((id) => ({
        id,
        key: nodeCrypto.publicKeyOf(keys.get(id)!),
        roles: ['association' as const],
        name: names(id),
        status: 'active' as const,
      })),
      {
        id: SHOP,
        key: nodeCrypto.publicKeyOf(shop),
        roles: ['shop' as const],
        name: names(SHOP),
        status: 'active' as const,
      },
    ],
  });
  const { chainId } = openGenesis(nodeCrypto, genesis);
  let signed = 0;

  function sign(
    secret: SecretKey,
    signer: string,
    name: string,
    payload: CborObject,
    height = 0,
  ): Uint8Array {
    const idempotencyKey = new Uint8Array(16);
    signed += 1;
    new DataView(idempotencyKey.buffer).setUint32(12, signed);
    const [module = '', action = ''] = name.split('.');
    return encodeTx(nodeCrypto, {
      ...{ secret, signer, chainId, module, action, payload, idempotencyKey },
      validUntilHeight: height + VALID_BLOCKS,
    });
  }

  const byGrower = (grower: number, name: string, payload: CborObject, height?: number) =>
    sign(growers[grower]!, growerName(grower), name, payload, height);
  const harvest = (grower: number, lot: string, amount: number, height?: number) =>
    byGrower(
      grower,
      'lots.harvest',
      { gtin: GTIN, lot, place: glnOf(grower), amount, note: 'south slope' },
      height,
    );

  return {
    genesis,
    chainId,
    keys,
    harvest,
    beginnings: () => [
      sign(keys.get(ASSOCIATION)!, ASSOCIATION, 'products.register', {
        gtin: GTIN,
        name: { zh: '新会陈皮', en: 'Xinhui dried peel' },
        category: 'farm-product',
        regime: 'none',
        unit: 'g',
      }),
      sign(shop, SHOP, 'places.register', {
        gln: SHOP_PLACE,
        kind: 'shop',
        name: names('shop'),
        township: names('town'),
        holder: SHOP,
      }),
    ],
    settle(grower) {
      const id = growerName(grower);
      const { bytes } = nodeCrypto.publicKeyOf(growers[grower]!);
      return [
        sign(keys.get(ASSOCIATION)!, ASSOCIATION, 'accounts.register', {
          id,
          roles: ['grower'],
          name: names(id),
          key: { suite, key: bytes },
        }),
        byGrower(grower, 'places.register', {
          gln: glnOf(grower),
          kind: 'plot',
          name: names(`plot of ${id}`),
          township: names('town'),
          holder: id,
        }),
      ];
    },
    lot(grower, n, height) {
      const fresh = `F-${grower}-${n}`;
      const dried = `D-${grower}-${n}`;
      return [
        harvest(grower, fresh, LOT_G, height),
        byGrower(
          grower,
          'lots.transform',
          {
            inputs: [{ gtin: GTIN, lot: fresh, amount: LOT_G }],
            outputs: [{ gtin: GTIN, lot: dried, amount: LOT_G / 4 }],
            place: glnOf(grower),
            process: 'dry',
          },
          height,
        ),
        byGrower(
          grower,
          'custody.ship',
          {
            shipment: `S-${n}`,
            to: SHOP,
            place: SHOP_PLACE,
            items: [{ gtin: GTIN, lot: dried, amount: LOT_G / 4 }],
          },
          height,
        ),
      ];
    },
    split: (grower, lot, parts, height) =>
      byGrower(
        grower,
        'lots.split',
        { gtin: GTIN, lot, outputs: parts.map((part) => ({ lot: part, amount: 1 })) },
        height,
      ),
  };
}

function glnOf(number: number): string {
  const digits = `690123${String(number).padStart(6, '0')}`;
  return `${digits}${checkDigit(digits)}`;
}
