// A device made by hand, that can be told to do wrong: it signs what it is given, right or not.

import {
  bytesToBase64url,
  decodePack,
  encodePack,
  encodeToken,
  packId,
  profileHash,
  type Reading,
  type SecretKey,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { packTopic } from '@suyuan/firmware-sim';
import { connectAsync, type MqttClient } from 'mqtt';
import type { TestHouse } from './house.ts';
import { registerYearDevice, type YearDevice } from './replay-year.ts';

export interface HandDevice {
  readonly id: string;
  readonly secret: SecretKey;
  readonly topic: string;
  /** The next pack of its chain. */
  next(readings: readonly Reading[]): Uint8Array;
  /** Any pack under its key; the chain does not move on. */
  forge(changes: Partial<Parameters<typeof encodePack>[1]>): Uint8Array;
  token(): string;
  connect(changes?: { readonly password?: string }): Promise<MqttClient>;
}

export async function createHandDevice(house: TestHouse, spec: YearDevice): Promise<HandDevice> {
  await registerYearDevice(house, spec);
  const hash = profileHash(nodeCrypto, house.profile);
  const { id } = spec;
  const secret = await house.keys.get(id, spec.suite);
  let seq = 0;
  let prev: Uint8Array = new Uint8Array(32);
  const sign = (changes: Partial<Parameters<typeof encodePack>[1]>): Uint8Array =>
    encodePack(nodeCrypto, {
      ...{ secret, deviceId: id, bootEpoch: 1, seq, prev, readings: [] },
      ...changes,
    } as Parameters<typeof encodePack>[1]);
  const token = (): string =>
    bytesToBase64url(
      encodeToken(nodeCrypto, {
        ...{ secret, deviceId: id, now_ms: house.clock.now_ms(), lifetime_s: 600 },
        nonce: crypto.getRandomValues(new Uint8Array(16)),
      }),
    );
  return {
    id,
    secret,
    topic: packTopic(id),
    next(readings) {
      const bytes = sign({ readings });
      seq += 1;
      prev = packId(hash, decodePack(bytes));
      return bytes;
    },
    forge: sign,
    token,
    connect: ({ password = token() } = {}) =>
      connectAsync(house.mqttUrl, {
        ...{ clientId: id, username: id, password, reconnectPeriod: 0, connectTimeout: 10_000 },
      }),
  };
}

/** Publishes with QoS 1; resolves when the gateway has acknowledged. */
export async function publish(client: MqttClient, topic: string, pack: Uint8Array): Promise<void> {
  await client.publishAsync(topic, Buffer.from(pack), { qos: 1 });
}

export function closed(client: MqttClient): Promise<void> {
  return new Promise((resolve) => client.once('close', () => resolve()));
}
