import {
  type AsyncCryptoProvider,
  bytesToBase64url,
  decodePack,
  encodePack,
  encodeToken,
  type Hash,
  type PublicKey,
  packId,
  profileHash,
  type Reading,
  type SecretKey,
  type SuiteName,
} from '@suyuan/contracts';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { packsTopic } from '../broker/topics.ts';
import { type MemoryLedger, putDevice } from './memory-ledger.ts';

/** 32 bytes that are a valid secret in every suite and differ by `seed`. */
export function secretOf(suite: SuiteName, seed: number): SecretKey {
  const secret = new Uint8Array(32).fill(7);
  new DataView(secret.buffer).setUint32(4, seed);
  return { suite, secret };
}

/** A device that signs packs in a chain. */
export class TestDevice {
  readonly id: string;
  readonly secret: SecretKey;
  readonly #crypto: AsyncCryptoProvider;
  readonly #hash: Hash;
  boot = 1;
  seq = 0;
  prev: Uint8Array = new Uint8Array(32);

  constructor(
    crypto: AsyncCryptoProvider,
    ledger: MemoryLedger,
    id: string,
    suite: SuiteName,
    seed: number,
  ) {
    this.id = id;
    this.#crypto = crypto;
    this.#hash = profileHash(crypto, ledger.profile);
    this.secret = secretOf(suite, seed);
    putDevice(ledger, id, crypto.publicKeyOf(this.secret));
  }

  publicKey(suite: SuiteName = this.secret.suite): PublicKey {
    return this.#crypto.publicKeyOf({ ...this.secret, suite });
  }

  get topic(): string {
    return packsTopic(this.id);
  }

  idOf(pack: Uint8Array): Uint8Array {
    return packId(this.#hash, decodePack(pack));
  }

  /** The next pack of the chain. */
  pack(readings: readonly Reading[]): Uint8Array {
    const { id: deviceId, boot: bootEpoch, seq, prev, secret } = this;
    const bytes = encodePack(this.#crypto, { secret, deviceId, bootEpoch, seq, prev, readings });
    this.seq += 1;
    this.prev = this.idOf(bytes);
    return bytes;
  }

  /** A pack with any of its fields changed; the chain does not move on. */
  forge(
    content: { readonly readings: readonly Reading[] } | { readonly payload: Uint8Array },
    changes: Partial<{ deviceId: string; bootEpoch: number; seq: number; prev: Uint8Array }> = {},
    secret: SecretKey = this.secret,
  ): Uint8Array {
    const { id: deviceId, boot: bootEpoch, seq, prev } = this;
    return encodePack(this.#crypto, {
      secret,
      deviceId,
      bootEpoch,
      seq,
      prev,
      ...changes,
      ...content,
    });
  }

  token(now_ms: number, secret: SecretKey = this.secret): string {
    return bytesToBase64url(
      encodeToken(this.#crypto, {
        secret,
        deviceId: this.id,
        now_ms,
        lifetime_s: 600,
        nonce: new Uint8Array(16),
      }),
    );
  }

  connect(port: number, now_ms: number, changes: IClientOptions = {}): Promise<MqttClient> {
    return connectAsync(`mqtt://127.0.0.1:${port}`, {
      clientId: this.id,
      username: this.id,
      password: this.token(now_ms),
      reconnectPeriod: 0,
      connectTimeout: 20_000,
      ...changes,
    });
  }
}

/** `count` temperatures, a minute apart, the last at `until_ms`. */
export function temperatures(until_ms: number, count = 2): Reading[] {
  return Array.from({ length: count }, (_, i) => ({
    quantity: 'temperature',
    time_ms: until_ms - (count - 1 - i) * 60_000,
    value: 21_000 + i,
  }));
}

/** Publishes with QoS 1 and resolves when the gateway has acknowledged. */
export async function publish(client: MqttClient, topic: string, pack: Uint8Array): Promise<void> {
  await client.publishAsync(topic, Buffer.from(pack), { qos: 1 });
}
