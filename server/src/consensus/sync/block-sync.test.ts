import { AppError, type Block, encodeBlock, encodeCbor } from '@suyuan/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BlockSyncParts, createBlockSync } from './block-sync.ts';
import type { TakenBlock } from './block-taker.ts';
import { decodeSyncMessage, encodeSyncMessage, type SyncMessage } from './messages.ts';
import type { BlockSync, ChannelProtocol } from './port.ts';
import { createFakeHost, type FakeHost, fakeBlock, fakeChain } from './testing/fake-host.ts';
import { createVirtualClock } from './testing/virtual-clock.ts';
import { createWire } from './testing/wire.ts';

const CHAIN = fakeChain(300);

function world() {
  const clock = createVirtualClock();
  const wire = createWire(clock);
  const taken: TakenBlock[] = [];

  function node(
    id: string,
    blocks: readonly Block[],
    options: Partial<BlockSyncParts> & { validator?: boolean } = {},
  ): { host: FakeHost; sync: BlockSync } {
    const host = createFakeHost(clock, [...blocks]);
    const { validator, ...given } = options;
    const sync = createBlockSync({
      host,
      send: wire.sender(id),
      peers: () => [],
      blame: wire.blamer(id),
      random: () => 0,
      onTaken: (block) => void taken.push(block),
      ...given,
    });
    wire.join(id, sync, { validator: validator ?? true });
    return { host, sync };
  }

  /** A peer that says what the test tells it to. */
  function liar(
    id: string,
    answer: (message: SyncMessage, say: (to: SyncMessage) => void) => void,
  ) {
    const say = (peer: string) => (message: SyncMessage) =>
      void wire.sender(id)(peer, encodeSyncMessage(message));
    const protocol: ChannelProtocol = {
      onConnected: () => {},
      onDisconnected: () => {},
      onMessage: (peer, bytes) => answer(decodeSyncMessage(bytes), say(peer.id)),
      stop: async () => {},
    };
    wire.join(id, protocol);
    return { say };
  }

  return { clock, wire, taken, node, liar };
}

const status = (height: number, base = 0): SyncMessage => ({
  type: 'status',
  height,
  blockHash: new Uint8Array(32),
  epoch: 0,
  base,
});
const gets = (messages: Uint8Array[] | undefined) =>
  (messages ?? []).map(decodeSyncMessage).filter(({ type }) => type === 'get').length;

describe('block sync', () => {
  test('a new node gets the whole log, each block told once and in order', async () => {
    const { clock, wire, taken, node } = world();
    node('full', CHAIN);
    const { host } = node('new', []);
    wire.connect('full', 'new');
    await clock.pass(2_000);
    expect(host.blocks).toHaveLength(300);
    expect(taken.map(({ height }) => height)).toEqual(CHAIN.map((_, i) => i + 1));
    expect(taken.filter(({ endsEpoch }) => endsEpoch).map(({ height }) => height)).toEqual([
      100, 200, 300,
    ]);
    expect(wire.blames).toEqual([]);
  });

  test('in several answers when they do not fit one', async () => {
    const { clock, wire, node } = world();
    node('full', CHAIN, { limits: { run_blocks: 40, turn_bytes: 2_000 } });
    const { host } = node('new', []);
    wire.connect('full', 'new');
    await clock.pass(10_000);
    expect(host.blocks).toHaveLength(300);
    expect(gets(wire.sent.get('new>full'))).toBe(8);
  });

  test('two that stand alike say so once, and then nothing', async () => {
    const { clock, wire, node } = world();
    node('a', CHAIN);
    node('b', CHAIN);
    wire.connect('a', 'b');
    await clock.pass(60_000);
    expect(wire.sent.get('a>b')).toHaveLength(1);
    expect(wire.sent.get('b>a')).toHaveLength(1);
    expect(clock.timers).toBe(0);
  });

  test('a follower hears of blocks soon, a validator seldom', async () => {
    const { clock, wire, node } = world();
    const leader = node('leader', []);
    const follower = node('follower', [], { validator: false, following: () => true });
    node('validator', []);
    wire.connect('leader', 'follower');
    wire.connect('leader', 'validator');
    await clock.pass(5_000);
    wire.lost.add('leader>validator');
    const before = wire.sent.get('leader>validator')!.length;
    for (const block of CHAIN.slice(0, 100)) {
      leader.host.blocks.push(block);
      leader.sync.committed();
      await clock.pass(20);
    }
    await clock.pass(1_000);
    expect(follower.host.blocks).toHaveLength(100);
    expect(wire.sent.get('leader>validator')!.length - before).toBeLessThanOrEqual(3);
  });

  test('what the votes may still bring is waited for; hurry asks at once', async () => {
    const { clock, wire, node, liar } = world();
    const { host, sync } = node('v', CHAIN.slice(0, 10));
    const { say } = liar('peer', () => {});
    wire.connect('v', 'peer');
    say('v')(status(12));
    await clock.pass(200);
    expect(gets(wire.sent.get('v>peer'))).toBe(0);
    host.blocks.push(...CHAIN.slice(10, 12));
    await clock.pass(1_000);
    expect(gets(wire.sent.get('v>peer'))).toBe(0);
    say('v')(status(13));
    await clock.pass(20);
    sync.hurry();
    expect(gets(wire.sent.get('v>peer'))).toBe(1);
    await sync.stop();
  });

  test('hurry asks around when nobody is known to be ahead', async () => {
    const { clock, wire, node } = world();
    const full = node('full', CHAIN.slice(0, 10));
    const { host, sync } = node('v', CHAIN.slice(0, 10));
    wire.connect('full', 'v');
    await clock.pass(5_000);
    full.host.blocks.push(...CHAIN.slice(10, 20));
    sync.hurry();
    await clock.pass(500);
    expect(host.blocks).toHaveLength(20);
  });

  test('a peer that goes away is not waited for', async () => {
    const { clock, wire, node, liar } = world();
    node('full', CHAIN);
    const { host } = node('new', []);
    const { say } = liar('gone', () => {});
    wire.connect('new', 'gone');
    say('new')(status(1_000));
    await clock.pass(20);
    expect(gets(wire.sent.get('new>gone'))).toBe(1);
    wire.connect('new', 'full');
    wire.disconnect('new', 'gone');
    await clock.pass(1_000);
    expect(host.blocks).toHaveLength(300);
  });

  test('one whose log begins later is not asked for what it does not have', async () => {
    const { clock, wire, node, liar } = world();
    const { sync } = node('new', []);
    const { say } = liar('young', () => {});
    wire.connect('new', 'young');
    say('new')(status(1_000, 500));
    await clock.pass(10_000);
    expect(gets(wire.sent.get('new>young'))).toBe(0);
    await sync.stop();
    expect(clock.timers).toBe(0);
  });

  test('its own fault fails the node, not the peer', async () => {
    const { clock, wire, node } = world();
    node('full', CHAIN);
    const { host } = node('new', []);
    host.takeError = new AppError('durable/failed', 'no space left');
    wire.connect('full', 'new');
    await clock.pass(100_000);
    expect(host.failures).toHaveLength(1);
    expect(wire.blames).toEqual([]);
    expect(host.blocks).toHaveLength(0);
  });
});

test('what cannot be taken now costs nobody more than time', async () => {
  const { clock, wire, node } = world();
  node('full', CHAIN);
  const { host } = node('new', []);
  host.takeError = new AppError('engine/too-deep', 'too deep');
  wire.connect('full', 'new');
  await clock.pass(20_000);
  expect(host.failures).toEqual([]);
  expect(wire.blames).toEqual([]);
  expect(host.blocks).toHaveLength(300);
});

test('a fault of the program over what no quorum vouches for does not stop the node', async () => {
  const { clock, wire, node } = world();
  node('full', CHAIN);
  const { host } = node('new', []);
  host.takeError = new TypeError('undefined is not a function');
  wire.connect('full', 'new');
  await clock.pass(120_000);
  expect(host.failures).toEqual([]);
  expect(wire.blames).toHaveLength(1);
  expect(host.blocks).toHaveLength(300);
});

describe('peers that lie', () => {
  const heaven = Number.MAX_SAFE_INTEGER;
  const bytesOf = (blocks: readonly Block[]) => blocks.map(encodeBlock);
  const other = fakeChain(300, 9);
  const lies: [string, (from: number) => Uint8Array[] | undefined, boolean][] = [
    ['never answers', () => undefined, false],
    ['answers with nothing', () => [], false],
    ['sends bytes', () => [Uint8Array.of(1, 2, 3)], true],
    ['sends another chain', (from) => bytesOf(other.slice(from - 1, from + 9)), true],
    ['sends the wrong heights', (from) => bytesOf(CHAIN.slice(from, from + 10)), true],
    [
      'sends what no quorum signed',
      (from) =>
        bytesOf(CHAIN.slice(from - 1).map((b) => ({ ...b, certificate: new Uint8Array(32) }))),
      true,
    ],
    [
      'sends a fork after some right ones',
      (from) => [
        ...bytesOf(CHAIN.slice(from - 1, from + 1)),
        encodeBlock(fakeBlock(from + 2, new Uint8Array(32), 5)),
      ],
      true,
    ],
  ];
  test.each(lies)(
    'one who %s costs little, and the log comes from another',
    async (_, lie, blamed) => {
      const { clock, wire, node, liar } = world();
      const { host, sync } = node('new', []);
      const { say } = liar('liar', (message, answer) => {
        if (message.type !== 'get') return;
        const blocks = lie(message.from);
        if (blocks !== undefined) answer({ type: 'blocks', from: message.from, blocks });
        answer(status(heaven));
      });
      wire.connect('new', 'liar');
      say('new')(status(heaven));
      await clock.pass(100_000);
      const alone = gets(wire.sent.get('new>liar'));
      expect(alone).toBeGreaterThan(1);
      expect(alone).toBeLessThan(14);
      expect(wire.blames.length > 0).toBe(blamed);
      expect(host.failures).toEqual([]);
      node('full', CHAIN, { validator: false });
      wire.connect('new', 'full');
      await clock.pass(40_000);
      expect(host.blocks).toHaveLength(300);
      await sync.stop();
      expect(clock.timers).toBe(0);
    },
  );

  test('a clock set back by a day prolongs nothing', async () => {
    const { clock, wire, node, liar } = world();
    const { host } = node('new', []);
    const { say } = liar('silent', () => {});
    wire.connect('new', 'silent');
    say('new')(status(300));
    await clock.pass(1_000);
    clock.jump(-86_400_000);
    node('full', CHAIN);
    wire.connect('new', 'full');
    await clock.pass(5_000);
    expect(host.blocks).toHaveLength(300);
  });

  test('answers that nobody asked for are not looked into; other nonsense is blamed', async () => {
    const { clock, wire, node } = world();
    const { host, sync } = node('v', []);
    const x = { id: 'x', validator: true };
    sync.onMessage(x, encodeSyncMessage({ type: 'blocks', from: 1, blocks: bytesOf(CHAIN) }));
    sync.onMessage(x, new Uint8Array(1_000));
    expect(wire.blames).toEqual([]);
    const bad = [
      Uint8Array.of(0xff),
      encodeCbor([]),
      encodeCbor(['status', 1]),
      encodeCbor(['status', -1, new Uint8Array(32), 0, 0]),
      encodeCbor(['get', 1, 2, 3]),
      encodeCbor(['get', 'x', 1]),
      encodeCbor(['blocks', 1, 2]),
      encodeCbor(['other', 1, 2]),
    ];
    for (const message of bad) sync.onMessage(x, message);
    expect(wire.blames).toHaveLength(bad.length);
    await clock.pass(1_000);
    expect(host.blocks).toEqual([]);
  });

  test('any bytes: nothing thrown, nothing taken', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 80 }), async (message) => {
        const { clock, node } = world();
        const { host, sync } = node('v', []);
        sync.onMessage({ id: 'x', validator: false }, message);
        await clock.pass(100);
        return host.blocks.length === 0 && host.failures.length === 0;
      }),
      { numRuns: 200 },
    );
  });
});

describe('serving', () => {
  test('of many requests of one peer the last is answered, at the pace of its share', async () => {
    const { clock, wire, node, liar } = world();
    const answers: number[] = [];
    const { sync } = node('full', CHAIN, { limits: { served_bytes_per_s: 200_000 } });
    liar('greedy', (message) => {
      if (message.type === 'blocks') answers.push(message.from);
    });
    wire.connect('full', 'greedy');
    for (let from = 1; from <= 100; from++) {
      sync.onMessage(
        { id: 'greedy', validator: true },
        encodeSyncMessage({ type: 'get', from, max_bytes: Number.MAX_SAFE_INTEGER }),
      );
    }
    await clock.pass(5_000);
    expect(answers).toEqual([100]);
    for (let i = 0; i < 50; i++) {
      sync.onMessage(
        { id: 'greedy', validator: true },
        encodeSyncMessage({ type: 'get', from: 250, max_bytes: 1 }),
      );
      await clock.pass(20);
    }
    // Each counts as 64 KiB at least: three a second of this share.
    expect(answers.length).toBeLessThanOrEqual(6);
  });

  test('asked for what it does not have, or cannot read, it answers with nothing', async () => {
    const { clock, wire, node, liar } = world();
    const answers: number[] = [];
    const { host, sync } = node('full', CHAIN.slice(0, 5));
    host.block = () => {
      throw new AppError('durable/damaged', 'damaged');
    };
    liar('peer', (message) => {
      if (message.type === 'blocks') answers.push(message.blocks.length);
    });
    wire.connect('full', 'peer');
    for (const from of [0, 3, 6, Number.MAX_SAFE_INTEGER]) {
      sync.onMessage(
        { id: 'peer', validator: true },
        encodeSyncMessage({ type: 'get', from, max_bytes: 1_000_000 }),
      );
      await clock.pass(1_000);
    }
    expect(answers).toEqual([0, 0, 0, 0]);
  });
});
