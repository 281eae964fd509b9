// A small world on the ledger of a house, made as people make it: keys and transactions of the command line.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkDigit } from '@suyuan/contracts';
import { suyuanOk } from './cli.ts';

const digits = (body: string): string => `${body}${checkDigit(body)}`;

/** Of GS1 prefix 952, which is kept for demonstrations. */
export const GTIN = digits('0952000000901');
export const PLOT = digits('952000000901');
export const LOT = 'E2E-1';

export interface Registry {
  /** Path of the key file of that name, made if there is none. */
  key(name: string, suite: 'sm2' | 'es256' | 'ed25519'): Promise<string>;
  /** The public key in hex, of a key made here. */
  publicKey(name: string): string;
  /** Signs and submits; gives the height. */
  submit(
    signer: string,
    module: string,
    action: string,
    payload: Record<string, unknown>,
  ): Promise<number>;
}

/** Keys of the founding organisations are the house's own, the others stand in `directory`. */
export function createRegistry(url: string, data: string, directory: string): Registry {
  const own = new Map<string, { path: string; publicKey: string }>();
  let payloads = 0;
  return {
    async key(name, suite) {
      const known = own.get(name);
      if (known !== undefined) return known.path;
      const path = join(directory, `${name}.json`);
      const options = ['--suite', suite, '--id', name, '--out', path, '--json'];
      const { stdout } = await suyuanOk(['key', 'new', ...options]);
      const { publicKey } = JSON.parse(stdout) as { publicKey: string };
      own.set(name, { path, publicKey });
      return path;
    },
    publicKey: (name) => own.get(name)?.publicKey ?? '',
    async submit(signer, module, action, payload) {
      const file = join(directory, `payload-${payloads++}.json`);
      writeFileSync(file, JSON.stringify(payload));
      const key = own.get(signer)?.path ?? join(data, 'keys', `${signer}.json`);
      const what = ['--module', module, '--action', action, '--payload', file];
      const { stdout } = await suyuanOk([
        ...['tx', 'submit', '--key', key, ...what, '--server', url, '--json'],
      ]);
      return (JSON.parse(stdout) as { height: number }).height;
    },
  };
}

const names = (zh: string, en: string) => ({ zh, en });

/** A grower with a plot, a device on it and a lot harvested from it. */
export async function registerGrower(registry: Registry, deviceId: string): Promise<void> {
  await registry.key('grower', 'es256');
  await registry.key(deviceId, 'sm2');
  await registry.submit('association', 'accounts', 'register', {
    id: 'grower',
    roles: ['grower', 'processor'],
    name: names('果农', 'Grower'),
    key: { suite: 'es256', key: registry.publicKey('grower') },
  });
  await registry.submit('association', 'products', 'register', {
    gtin: GTIN,
    name: names('新会柑', 'Mandarins'),
    category: 'farm-product',
    regime: 'none',
    unit: 'g',
  });
  await registry.submit('association', 'places', 'register', {
    gln: PLOT,
    kind: 'plot',
    name: names('果园', 'Orchard'),
    township: names('三江镇', 'Sanjiang'),
    area_mmu: 15_000,
    holder: 'grower',
  });
  await registry.submit('grower', 'devices', 'register', {
    id: deviceId,
    key: { suite: 'sm2', key: registry.publicKey(deviceId) },
    holder: 'grower',
    interval_s: 900,
    quantities: ['temperature', 'humidity'],
    place: PLOT,
  });
  await registry.submit('grower', 'lots', 'harvest', {
    gtin: GTIN,
    lot: LOT,
    amount: 1_000_000,
    place: PLOT,
  });
}
