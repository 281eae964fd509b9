// Devices of the benchmarks: their keys follow from their names, so that every process knows them.

import { hash } from 'node:crypto';
import { decodePack, encodePack, packId, type Reading, type SuiteName } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';

const ID_BYTES = 32;

/** A device that signs packs in a chain, in the profile `guomi`. */
export class BenchDevice {
  readonly id: string;
  readonly secret: { readonly suite: SuiteName; readonly secret: Uint8Array };
  #seq = 0;
  #prev: Uint8Array = new Uint8Array(ID_BYTES);

  constructor(suite: SuiteName, number: number) {
    this.id = `BENCH-${suite}-${String(number).padStart(3, '0')}`;
    this.secret = { suite, secret: new Uint8Array(hash('sha256', this.id, 'buffer')) };
  }

  /** The next pack: `count` temperatures, a second apart, the last at `until_ms`. */
  sign(count: number, until_ms: number): Uint8Array {
    const readings = Array.from(
      { length: count },
      (_, i): Reading => ({
        quantity: 'temperature',
        time_ms: until_ms - (count - 1 - i) * 1000,
        value: 24_000 + ((this.#seq * 7 + i) % 900),
      }),
    );
    const pack = encodePack(nodeCrypto, {
      secret: this.secret,
      deviceId: this.id,
      bootEpoch: 1,
      seq: this.#seq,
      prev: this.#prev,
      readings,
    });
    this.#seq += 1;
    this.#prev = packId(nodeCrypto.hash('sm3'), decodePack(pack));
    return pack;
  }
}
