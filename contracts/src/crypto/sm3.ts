// SM3, GB/T 32905-2016 (also ISO/IEC 10118-3 and GM/T 0004): 64-byte blocks, 32 bytes of digest, big-endian.

import { HashMD } from '@noble/hashes/_md.js';
import { clean, createHasher, rotl } from '@noble/hashes/utils.js';

const IV = [
  0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e,
] as const;

/** §4.2: T_j, already rotated left by j mod 32. */
const T = Uint32Array.from({ length: 64 }, (_, j) =>
  rotl(j < 16 ? 0x79cc4519 : 0x7a879d8a, j % 32),
);

/** §5.3.2: the expanded words W_0 … W_67, shared by all instances because a block is processed synchronously. */
const W = new Uint32Array(68);

/** §4.4. */
const p1 = (x: number): number => x ^ rotl(x, 15) ^ rotl(x, 23);

class Sm3 extends HashMD<Sm3> {
  // Numbers from the start, so that the engine keeps the fields as machine integers.
  private a = 0;
  private b = 0;
  private c = 0;
  private d = 0;
  private e = 0;
  private f = 0;
  private g = 0;
  private h = 0;

  constructor() {
    super(64, 32, 8, false);
    this.set(...IV);
  }

  protected get(): number[] {
    return [this.a, this.b, this.c, this.d, this.e, this.f, this.g, this.h];
  }

  protected set(...[a, b, c, d, e, f, g, h]: number[]): void {
    this.a = a! | 0;
    this.b = b! | 0;
    this.c = c! | 0;
    this.d = d! | 0;
    this.e = e! | 0;
    this.f = f! | 0;
    this.g = g! | 0;
    this.h = h! | 0;
  }

  /** §5.3.3, the compression function. */
  protected process(view: DataView, offset: number): void {
    for (let j = 0; j < 16; j++) W[j] = view.getUint32(offset + 4 * j, false);
    for (let j = 16; j < 68; j++) {
      W[j] = p1(W[j - 16]! ^ W[j - 9]! ^ rotl(W[j - 3]!, 15)) ^ rotl(W[j - 13]!, 7) ^ W[j - 6]!;
    }
    let { a, b, c, d, e, f, g, h } = this;
    for (let j = 0; j < 64; j++) {
      const a12 = rotl(a, 12);
      const ss1 = rotl((a12 + e + T[j]!) | 0, 7);
      const ff = j < 16 ? a ^ b ^ c : (a & b) | (a & c) | (b & c);
      const gg = j < 16 ? e ^ f ^ g : (e & f) | (~e & g);
      const tt1 = (ff + d + (ss1 ^ a12) + (W[j]! ^ W[j + 4]!)) | 0;
      const tt2 = (gg + h + ss1 + W[j]!) | 0;
      d = c;
      c = rotl(b, 9);
      b = a;
      a = tt1;
      h = g;
      g = rotl(f, 19);
      f = e;
      e = tt2 ^ rotl(tt2, 9) ^ rotl(tt2, 17);
    }
    this.a = (this.a ^ a) | 0;
    this.b = (this.b ^ b) | 0;
    this.c = (this.c ^ c) | 0;
    this.d = (this.d ^ d) | 0;
    this.e = (this.e ^ e) | 0;
    this.f = (this.f ^ f) | 0;
    this.g = (this.g ^ g) | 0;
    this.h = (this.h ^ h) | 0;
  }

  protected roundClean(): void {
    clean(W);
  }

  destroy(): void {
    this.destroyed = true;
    this.set(0, 0, 0, 0, 0, 0, 0, 0);
    clean(this.buffer);
  }

  _cloneInto(to?: Sm3): Sm3 {
    const copy = to ?? new Sm3();
    copy.set(...this.get());
    return this._cloneIntoMeta(copy);
  }
}

/** SM3 as a noble hash: `sm3(data)` gives 32 bytes; `sm3.create()` hashes in parts and serves HMAC. */
export const sm3 = createHasher(() => new Sm3());
