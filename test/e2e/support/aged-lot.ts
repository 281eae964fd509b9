// A lot of peel with everything that the ledger wants of it: who, what, where, harvest, ageing, labels. Signed by the house's
// own keys, on its clock.

import {
  buildDigitalLink,
  type CborObject,
  checkDigit,
  leafHash,
  logRoot,
  profileHash,
  unitLeaf,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import type { TestHouse } from './house.ts';

const names = (zh: string, en: string) => ({ zh, en });

/** A GTIN-14 or GLN with its check digit. */
export function numbered(prefix: string, number: number): string {
  const body = `${prefix}${String(number).padStart(5, '0')}`;
  return `${body}${checkDigit(body)}`;
}

/** Of GS1 prefix 952, which is kept for demonstrations. */
export const GTIN = {
  fruit: numbered('09520001', 10),
  peel: numbered('09520001', 11),
} as const;

export const GLN = {
  outside: numbered('9520001', 101),
  room: numbered('9520001', 102),
} as const;

const MARK = 'xinhui-chenpi';
export const HOLDER = 'room-keeper';
export const LOT = { fruit: 'F-1', peel: 'P-1' } as const;
export const LABEL_BATCH = 'L1';

/** Accounts, products and places. */
export async function registerWorld(house: TestHouse): Promise<void> {
  const { submit, keys } = house;
  const { suite, bytes } = nodeCrypto.publicKeyOf(await keys.get(HOLDER, 'sm2'));
  await submit('association', 'accounts', 'register', {
    id: HOLDER,
    roles: ['grower', 'processor'],
    name: names('一号库房（测试）', 'Keeper of Room 1 (test)'),
    key: { suite, key: bytes },
  });
  const steward = 'association';
  await submit('regulator', 'products', 'register-mark', {
    mark: MARK,
    name: names('新会陈皮', 'Xinhui chenpi'),
    steward,
  });
  // Nothing of a mark is harvested or made without a policy.
  await submit(steward, 'policies', 'adopt', {
    policy: MARK,
    version: 1,
    title: names('新会陈皮规则（测试）', 'Rules of Xinhui chenpi (test)'),
    from: house.node.height() + 2,
    sources: [{ topic: 'test', source: 'test' }],
  });
  const product = (gtin: string, name: CborObject, category: string, regime: string) => {
    const record = { gtin, name, category, regime, mark: MARK, policy: MARK, unit: 'g' };
    return submit(steward, 'products', 'register', record);
  };
  await product(GTIN.fruit, names('茶枝柑鲜果', 'Mandarins, fresh'), 'farm-product', 'gi');
  await product(GTIN.peel, names('新会陈皮 250 克', 'Xinhui chenpi, 250 g'), 'food', 'both');
  const place = (signer: string, gln: string, kind: string, name: CborObject) =>
    submit(signer, 'places', 'register', {
      gln,
      kind,
      name,
      township: names('新会区三江镇', 'Sanjiang, Xinhui'),
      holder: HOLDER,
    });
  await place('association', GLN.outside, 'plot', names('室外果园', 'Orchard outside'));
  await place(HOLDER, GLN.room, 'warehouse', names('一号房', 'Room 1'));
  await submit(steward, 'places', 'set-membership', { gln: GLN.outside, mark: MARK, from: 0 });
}

/** Harvests now and puts the peel into the room at `aged_ms`, which may not lie ahead of the clock. */
export async function makeLots(
  house: TestHouse,
  aged_ms: number,
  claimedAge_months?: number,
): Promise<void> {
  await house.submit(HOLDER, 'lots', 'harvest', {
    gtin: GTIN.fruit,
    lot: LOT.fruit,
    amount: 25_000_000,
    place: GLN.outside,
    time: aged_ms - 3_600_000,
  });
  await house.submit(HOLDER, 'lots', 'transform', {
    inputs: [{ gtin: GTIN.fruit, lot: LOT.fruit, amount: 25_000_000 }],
    outputs: [
      {
        gtin: GTIN.peel,
        lot: LOT.peel,
        amount: 1_200_000,
        note: '布袋离地堆放',
        ...(claimedAge_months === undefined ? {} : { claimedAge_months }),
      },
    ],
    place: GLN.room,
    process: 'age',
    time: aged_ms,
  });
}

/** Someone new comes to the ledger: a block that has nothing to do with the lot. */
export async function registerShop(house: TestHouse): Promise<void> {
  const { suite, bytes } = nodeCrypto.publicKeyOf(await house.keys.get('corner-shop', 'sm2'));
  await house.submit('association', 'accounts', 'register', {
    id: 'corner-shop',
    roles: ['shop'],
    name: names('街角店（测试）', 'Corner shop (test)'),
    key: { suite, key: bytes },
  });
}

/** Issues labels for the peel; gives the Digital Link paths of its units. */
export async function issueLabels(house: TestHouse, count: number): Promise<string[]> {
  const hash = profileHash(nodeCrypto, house.profile);
  const { peel: gtin } = GTIN;
  const { peel: lot } = LOT;
  const serials = Array.from({ length: count }, (_, i) => `S${String(i + 1).padStart(6, '0')}`);
  const leaves = serials.map((serial) => leafHash(hash, unitLeaf(gtin, lot, serial)));
  const root = logRoot(hash, leaves);
  const batch = LABEL_BATCH;
  await house.submit(HOLDER, 'labels', 'issue', { gtin, lot, batch, root, count, net: 250 });
  await house.submit(HOLDER, 'labels', 'activate', { gtin, lot, batch, upTo: count });
  await house.node.putSerials({ gtin, lot, batch, serials });
  return serials.map((serial) => unitPath(serial));
}

export function unitPath(serial: string): string {
  const link = buildDigitalLink([
    { ai: '01', value: GTIN.peel },
    { ai: '10', value: LOT.peel },
    { ai: '21', value: serial },
  ]);
  return new URL(link).pathname;
}
