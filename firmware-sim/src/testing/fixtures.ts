// What tests of devices share: a key, a folder that is removed, readings, and the check of a chain.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  bytesToHex,
  type DecodedPack,
  equalBytes,
  packId,
  type Reading,
  type SecretKey,
  verifyPack,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { createManualClock } from '../clock/manual.ts';
import { createDevice, type Device, type DeviceOptions } from '../device/device.ts';
import { createSeededBytes } from '../random/random.ts';

export const DEVICE_ID = 'sim-0001';
export const START_MS = Date.UTC(2024, 2, 1);
/** Ed25519: the cheapest to sign, and no test here is about the suite. */
export const SECRET: SecretKey = {
  suite: 'ed25519',
  secret: Uint8Array.from({ length: 32 }, (_, index) => index + 1),
};
export const HASH = nodeCrypto.hash('sha256');

export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'suyuan-sim-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function startDevice(
  directory: string,
  options: Partial<DeviceOptions> = {},
): Promise<Device> {
  return createDevice({
    id: DEVICE_ID,
    secret: SECRET,
    directory,
    crypto: nodeCrypto,
    hash: HASH,
    clock: createManualClock(START_MS),
    random: createSeededBytes('fixture'),
    ...options,
  });
}

export function reading(index: number): Reading {
  return { quantity: 'temperature', time_ms: START_MS + index * 1000, value: 20_000 + index };
}

export function packName(pack: Pick<DecodedPack, 'bootEpoch' | 'seq'>): string {
  return `${pack.bootEpoch}/${pack.seq}`;
}

/** Packs in order of signing, each once. Throws when two share a number, a signature is wrong or the chain is torn. */
export function assertChain(packs: readonly DecodedPack[]): DecodedPack[] {
  const byNumber = new Map<string, DecodedPack>();
  for (const pack of packs) {
    const other = byNumber.get(packName(pack));
    if (other !== undefined && !equalBytes(other.signedBytes, pack.signedBytes)) {
      throw new Error(`two packs with the number ${packName(pack)}`);
    }
    byNumber.set(packName(pack), pack);
  }
  const chain = [...byNumber.values()].sort((a, b) => a.bootEpoch - b.bootEpoch || a.seq - b.seq);
  const key = nodeCrypto.publicKeyOf(SECRET);
  let prev: Uint8Array = new Uint8Array(32);
  for (const pack of chain) {
    if (!verifyPack(nodeCrypto, key, pack)) throw new Error(`bad signature: ${packName(pack)}`);
    if (!equalBytes(pack.prev, prev)) {
      throw new Error(`${packName(pack)} follows ${bytesToHex(pack.prev)}, not its predecessor`);
    }
    prev = packId(HASH, pack);
  }
  return chain;
}
