import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CHANNELS } from './channels.ts';
import { SendQueues } from './send-queues.ts';

const LIMITS = {
  consensus: { messages: 100, bytes: 10_000 },
  transactions: { messages: 100, bytes: 10_000 },
  blocks: { messages: 100, bytes: 10_000 },
};

it('gives back all that it took, in pieces, in order within a channel', () => {
  const sends = fc.array(
    fc.record({
      channel: fc.constantFrom(...CHANNELS),
      size: fc.nat(3000),
      take: fc.nat(3),
    }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(sends, fc.integer({ min: 1, max: 1000 }), (list, piece_bytes) => {
      const queues = new SendQueues(LIMITS);
      const sent: Record<string, number[]> = {};
      const got: Record<string, number[]> = {};
      const begun: Record<string, number[]> = {};
      const take = (): boolean => {
        const piece = queues.next(piece_bytes);
        if (piece === undefined) return false;
        begun[piece.channel] = [...(begun[piece.channel] ?? []), ...piece.bytes];
        if (!piece.last) expect(piece.bytes.length).toBe(piece_bytes);
        if (piece.last) {
          const whole = begun[piece.channel]!;
          expect(new Set(whole).size).toBeLessThan(2);
          got[piece.channel] = [...(got[piece.channel] ?? []), whole.length];
          begun[piece.channel] = [];
        }
        return true;
      };
      list.forEach(({ channel, size, take: times }, i) => {
        const before = queues.waiting_bytes;
        const room = queues.waiting(channel).bytes + size <= LIMITS[channel].bytes;
        expect(queues.push(channel, new Uint8Array(size).fill(i))).toBe(room);
        expect(queues.waiting_bytes).toBe(before + (room ? size : 0));
        if (room) sent[channel] = [...(sent[channel] ?? []), size];
        for (let n = 0; n < times; n++) take();
      });
      while (take());
      expect(got).toEqual(sent);
      expect(queues.waiting_bytes).toBe(0);
      expect(queues.isEmpty).toBe(true);
    }),
  );
});

it('takes no more messages than its limit, however small', () => {
  const queues = new SendQueues(LIMITS);
  for (let i = 0; i < 100; i++) expect(queues.push('consensus', new Uint8Array(0))).toBe(true);
  expect(queues.push('consensus', new Uint8Array(0))).toBe(false);
  expect(queues.push('blocks', new Uint8Array(0))).toBe(true);
});

it('lets every channel through while all are full, the votes most', () => {
  const queues = new SendQueues();
  const passed = { consensus: 0, blocks: 0, transactions: 0 };
  for (let i = 0; i < 400; i++) {
    for (const channel of CHANNELS) queues.push(channel, new Uint8Array(64 * 1024));
    const piece = queues.next(64 * 1024)!;
    passed[piece.channel] += piece.bytes.length;
  }
  expect(passed.transactions).toBeGreaterThan(0);
  expect(passed.blocks).toBeGreaterThan(passed.transactions);
  expect(passed.consensus).toBeGreaterThan(passed.blocks * 2);
});

it('drops what has not begun, and keeps the rest of what has', () => {
  const queues = new SendQueues(LIMITS);
  queues.push('blocks', new Uint8Array(10).fill(1));
  queues.push('blocks', new Uint8Array(10).fill(2));
  queues.next(4);
  queues.drop('blocks');
  expect(queues.waiting('blocks')).toEqual({ messages: 1, bytes: 6 });
  expect(queues.next(100)).toEqual({
    channel: 'blocks',
    bytes: new Uint8Array(6).fill(1),
    last: true,
  });
  queues.push('blocks', new Uint8Array(3));
  queues.drop('blocks');
  expect(queues.isEmpty).toBe(true);
});
