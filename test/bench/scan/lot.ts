// A lot that lay in a room for two days beside a sensor that signs with SM2: what the scan benchmark looks at.

import {
  buildDigitalLink,
  checkDigit,
  leafHash,
  logRoot,
  profileHash,
  unitLeaf,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import type { House } from 'suyuan/house';
import { DeviceConnection } from '../ingest/connection.ts';
import { BenchDevice } from '../signer.ts';
import type { TempHouse } from '../temp-house.ts';

export const PACKS = 64;
const STAY_MS = 47 * 3_600_000;
const PACKS_PER_BATCH = 8;
const READINGS_PER_PACK = 4;
const LABELS = 1000;

const withCheckDigit = (body: string): string => `${body}${checkDigit(body)}`;
const PEEL = withCheckDigit('0952000000090');
const PLOT = withCheckDigit('952000000901');
const ROOM = withCheckDigit('952000000902');
const LOT = 'BENCH-1';
const GROWER = 'bench-coop';
const names = { zh: '测试', en: 'Bench' };

/** Where the house's clock must stand while the lot is made. */
export function stayStart_ms(): number {
  return Date.now() - STAY_MS;
}

async function register({ submit, keys }: House, device: BenchDevice): Promise<void> {
  const { bytes } = nodeCrypto.publicKeyOf(await keys.get(GROWER, 'sm2'));
  await submit('association', 'accounts', 'register', {
    id: GROWER,
    roles: ['grower', 'processor'],
    name: names,
    key: { suite: 'sm2', key: bytes },
  });
  await submit('association', 'products', 'register', {
    ...{ gtin: PEEL, name: names, category: 'food', regime: 'none', unit: 'g' },
  });
  for (const [gln, kind, by] of [
    [PLOT, 'plot', 'association'],
    [ROOM, 'warehouse', GROWER],
  ] as const) {
    await submit(by, 'places', 'register', {
      ...{ gln, kind, name: names, township: names, holder: GROWER },
    });
  }
  await submit(GROWER, 'devices', 'register', {
    id: device.id,
    key: { suite: 'sm2', key: nodeCrypto.publicKeyOf(device.secret).bytes },
    ...{ holder: GROWER, interval_s: 900, quantities: ['temperature'], place: ROOM },
  });
}

async function sendPacks({ gateway, mqttPort }: House, device: BenchDevice): Promise<void> {
  const connection = await DeviceConnection.open(device, mqttPort);
  const start_ms = Date.now() - STAY_MS;
  const packs = Array.from({ length: PACKS }, (_, i) =>
    device.sign(READINGS_PER_PACK, Math.floor(start_ms + ((i + 1) * STAY_MS) / (PACKS + 1))),
  );
  for (let at = 0; at < PACKS; at += PACKS_PER_BATCH) {
    connection.prepare(packs.slice(at, at + PACKS_PER_BATCH));
    await connection.run();
    await gateway.drained();
  }
  connection.close();
}

/** Makes the lot, its packs and its labels; gives the Digital Link path of one unit. Lets the clock go. */
export async function makeLot({ house, clock }: TempHouse): Promise<string> {
  const { submit } = house;
  const device = new BenchDevice('sm2', 0);
  await register(house, device);
  const [fresh, made] = [`${LOT}-FRESH`, LOT];
  await submit(GROWER, 'lots', 'harvest', {
    ...{ gtin: PEEL, lot: fresh, amount: 1_000_000, place: PLOT },
  });
  await submit(GROWER, 'lots', 'transform', {
    inputs: [{ gtin: PEEL, lot: fresh, amount: 1_000_000 }],
    outputs: [{ gtin: PEEL, lot: made, amount: 900_000 }],
    ...{ place: ROOM, process: 'age' },
  });
  clock.letGo();
  await sendPacks(house, device);
  const hash = profileHash(nodeCrypto, house.profile);
  const serials = Array.from({ length: LABELS }, (_, i) => `unit-${i}`);
  const leaves = serials.map((serial) => leafHash(hash, unitLeaf(PEEL, LOT, serial)));
  await submit(GROWER, 'labels', 'issue', {
    ...{ gtin: PEEL, lot: LOT, batch: 'L1', root: logRoot(hash, leaves), count: LABELS },
    net: 250,
  });
  await house.node.putSerials({ gtin: PEEL, lot: LOT, batch: 'L1', serials });
  const link = buildDigitalLink([
    { ai: '01', value: PEEL },
    { ai: '10', value: LOT },
    { ai: '21', value: 'unit-500' },
  ]);
  return new URL(link).pathname;
}

/** A block that changes the lot, so that the server must put its bundle together anew. */
export async function changeLot({ submit }: House, number: number): Promise<void> {
  await submit(GROWER, 'labels', 'issue', {
    ...{ gtin: PEEL, lot: LOT, batch: `M${number}`, root: new Uint8Array(32), count: 1, net: 1 },
  });
}
