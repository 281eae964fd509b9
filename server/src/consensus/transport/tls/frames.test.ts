import { X509Certificate } from 'node:crypto';
import { isAppError } from '@suyuan/contracts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CHANNELS } from '../channels.ts';
import { createChannelCertificate } from './certificate.ts';
import { type Frame, FrameReader, frameHead, MessageAssembler, PIECE_BYTES } from './frames.ts';
import { decodeHello, encodeHello } from './hello.ts';
import { CHAIN, testKey } from './testing/nodes.ts';

const bytesOf = (kind: Frame['kind'], payload: Uint8Array, more = false) =>
  Buffer.concat([frameHead(kind, payload.length, more), payload]);

/** Feeds the bytes in chunks of these sizes, again and again. */
function readAll(bytes: Uint8Array, sizes: readonly number[]): Frame[] {
  const reader = new FrameReader();
  const frames: Frame[] = [];
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    reader.push(bytes.subarray(at, at + size), (frame) => {
      frames.push(frame);
      return true;
    });
    at += size;
  }
  expect(reader.isWithinFrame).toBe(false);
  return frames;
}

it('reads the same frames however they are cut', () => {
  const frame = fc.oneof(
    fc.record({ kind: fc.constantFrom(...CHANNELS), size: fc.nat(300) }),
    fc.record({ kind: fc.constantFrom('hello' as const, 'bye' as const), size: fc.nat(60) }),
    fc.record({ kind: fc.constantFrom('ping' as const, 'pong' as const), size: fc.constant(0) }),
  );
  const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 12 }), sizes, (list, cuts) => {
      const bytes = Buffer.concat(
        list.map(({ kind, size }, i) => bytesOf(kind, new Uint8Array(size).fill(i))),
      );
      const read = readAll(bytes, cuts);
      expect(read.map(({ kind, payload }) => [kind, payload.length, payload[0] ?? -1])).toEqual(
        list.map(({ kind, size }, i) => [kind, size, size === 0 ? -1 : i]),
      );
    }),
  );
});

it('keeps nothing of a frame that it refuses, and stops where it is told to', () => {
  const reader = new FrameReader();
  const seen: string[] = [];
  const two = Buffer.concat([
    bytesOf('ping', new Uint8Array(0)),
    bytesOf('pong', new Uint8Array(0)),
  ]);
  reader.push(two, (frame) => {
    seen.push(frame.kind);
    return false;
  });
  expect(seen).toEqual(['ping']);
  const head = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x02);
  expect(() => new FrameReader().push(head, () => true)).toThrow('4294967295');
});

it('never fails on random bytes but with its own code', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      for (const read of [
        () => new FrameReader().push(bytes, () => true),
        () => decodeHello(bytes),
      ]) {
        try {
          read();
        } catch (error) {
          expect(isAppError(error, 'peer')).toBe(true);
        }
      }
    }),
  );
});

it('reads the hello that it wrote, and no other bytes of it', () => {
  const hello = {
    chainId: CHAIN,
    id: 'org-1',
    key: testKey('org-1', 'sm2').key,
    nonce: new Uint8Array(16).fill(1),
    instance: new Uint8Array(16).fill(2),
  };
  const bytes = encodeHello(hello);
  expect(decodeHello(bytes)).toEqual(hello);
  expect(decodeHello(encodeHello({ ...hello, id: null })).id).toBeNull();
  for (let cut = 0; cut < bytes.length; cut++) {
    expect(() => decodeHello(bytes.subarray(0, cut))).toThrow();
  }
});

it('puts messages of several channels together that come in turns', () => {
  const assembler = new MessageAssembler();
  const piece = new Uint8Array(PIECE_BYTES).fill(1);
  expect(assembler.add('blocks', piece, true)).toBeUndefined();
  expect(assembler.add('consensus', Uint8Array.of(5), false)).toEqual(Uint8Array.of(5));
  expect(assembler.add('transactions', piece, true)).toBeUndefined();
  const block = assembler.add('blocks', Uint8Array.of(2), false)!;
  expect([block.length, block[0], block[PIECE_BYTES]]).toEqual([PIECE_BYTES + 1, 1, 2]);
  expect(assembler.add('blocks', Uint8Array.of(3), false)).toEqual(Uint8Array.of(3));
});

it('makes a certificate that others read, another one each time', () => {
  const one = new X509Certificate(createChannelCertificate().cert);
  const two = new X509Certificate(createChannelCertificate().cert);
  expect(one.verify(one.publicKey)).toBe(true);
  expect(one.subject).toBe('CN=suyuan node');
  expect(one.publicKey.asymmetricKeyType).toBe('ed25519');
  expect(one.serialNumber).not.toBe(two.serialNumber);
  expect(one.verify(two.publicKey)).toBe(false);
});
