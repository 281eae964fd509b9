import { AppError, encodeCbor } from '@suyuan/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createGossip, type Gossip } from './gossip.ts';
import type { GossipLimits } from './limits.ts';
import { createFakeHost, type FakeHost } from './testing/fake-host.ts';
import { createVirtualClock, type VirtualClock } from './testing/virtual-clock.ts';
import { createWire, type Wire } from './testing/wire.ts';

interface Net {
  readonly clock: VirtualClock;
  readonly wire: Wire;
  readonly hosts: FakeHost[];
  readonly gossips: Gossip[];
}

/** `v0`, `v1`, … not connected yet. */
function net(count: number, limits: Partial<GossipLimits> = {}): Net {
  const clock = createVirtualClock();
  const wire = createWire(clock);
  const hosts: FakeHost[] = [];
  const gossips: Gossip[] = [];
  for (let i = 0; i < count; i++) {
    const id = `v${i}`;
    const host = createFakeHost(clock);
    const gossip = createGossip({
      host,
      send: wire.sender(id),
      peers: () => [],
      blame: wire.blamer(id),
      random: () => 0.5,
      limits,
    });
    wire.join(id, gossip);
    hosts.push(host);
    gossips.push(gossip);
  }
  return { clock, wire, hosts, gossips };
}

function connectAll({ wire, hosts }: Net): void {
  hosts.forEach((_, a) => {
    for (let b = 0; b < a; b++) wire.connect(`v${a}`, `v${b}`);
  });
}

const tx = (n: number, size = 40) => {
  const bytes = new Uint8Array(size).fill(n & 255);
  new DataView(bytes.buffer).setUint32(size - 4, n);
  return bytes;
};
const counts = ({ hosts }: Net) => hosts.map(({ mempool }) => mempool.size);

describe('gossip', () => {
  test('what one takes comes to all, and in one message where it came together', async () => {
    const all = net(4);
    connectAll(all);
    for (let i = 0; i < 100; i++) all.hosts[0]!.submit(tx(i));
    await all.clock.pass(100);
    expect(counts(all)).toEqual([100, 100, 100, 100]);
    expect(all.wire.sent.get('v0>v1')).toHaveLength(1);
    expect(all.wire.blames).toEqual([]);
  });

  test('an idle node says nothing and keeps no timer', async () => {
    const all = net(4);
    connectAll(all);
    await all.clock.pass(60_000);
    expect(all.wire.sent.size).toBe(0);
    expect(all.clock.timers).toBe(0);
  });

  test('who connects later is given what waits', async () => {
    const all = net(2);
    for (let i = 0; i < 10; i++) all.hosts[0]!.submit(tx(i));
    await all.clock.pass(1_000);
    all.wire.connect('v0', 'v1');
    await all.clock.pass(100);
    expect(counts(all)).toEqual([10, 10]);
  });

  test('a full queue loses nothing', async () => {
    const all = net(2, { batch_bytes: 200, outbox_messages: 3 });
    connectAll(all);
    all.wire.full.add('v0>v1');
    for (let i = 0; i < 200; i++) all.hosts[0]!.submit(tx(i));
    await all.clock.pass(1_000);
    expect(counts(all)).toEqual([200, 0]);
    // What waits, once; and at most so many messages beside it.
    expect(all.gossips[0]!.sizes().outbox).toBeLessThanOrEqual(200 + 3);
    all.wire.full.clear();
    await all.clock.pass(200);
    expect(counts(all)).toEqual([200, 200]);
  });

  test('what was lost on the way, or refused at first, is offered again', async () => {
    const all = net(3);
    connectAll(all);
    all.wire.lost.add('v0>v1');
    let room = false;
    all.hosts[2]!.refuse = () => (room ? undefined : new AppError('tx/mempool-full', 'full'));
    all.hosts[0]!.submit(tx(1));
    await all.clock.pass(1_000);
    expect(counts(all)).toEqual([1, 0, 0]);
    all.wire.lost.clear();
    room = true;
    await all.clock.pass(15_000);
    expect(counts(all)).toEqual([1, 1, 1]);
    expect(all.wire.blames).toEqual([]);
  });

  test('it goes around a broken connection', async () => {
    const all = net(3);
    all.wire.connect('v0', 'v1');
    all.wire.connect('v1', 'v2');
    all.hosts[0]!.submit(tx(1));
    await all.clock.pass(15_000);
    expect(counts(all)).toEqual([1, 1, 1]);
  });

  test('a long backlog is offered in parts until all of it was', async () => {
    const all = net(2, { batch_bytes: 400 });
    connectAll(all);
    all.wire.lost.add('v0>v1');
    for (let i = 0; i < 60; i++) all.hosts[0]!.submit(tx(i));
    await all.clock.pass(4_000);
    all.wire.lost.clear();
    const seeds = [0, 0.2, 0.4, 0.6, 0.8];
    let turn = 0;
    const again = createGossip({
      host: all.hosts[0]!,
      send: all.wire.sender('v0'),
      peers: () => [{ id: 'v1', validator: true }],
      blame: () => {},
      random: () => seeds[turn++ % seeds.length]!,
      limits: { batch_bytes: 400 },
    });
    await all.clock.pass(60_000);
    expect(counts(all)).toEqual([60, 60]);
    await again.stop();
  });

  test('an observer is sent nothing, and what it brings goes to all', async () => {
    const all = net(3);
    connectAll(all);
    const observer = createFakeHost(all.clock);
    const gossip = createGossip({
      host: observer,
      send: all.wire.sender('observer'),
      peers: () => [],
      blame: () => {},
      random: () => 0,
    });
    all.wire.join('observer', gossip, { validator: false });
    all.wire.connect('observer', 'v0');
    all.hosts[1]!.submit(tx(1));
    observer.submit(tx(2));
    await all.clock.pass(100);
    expect(counts(all)).toEqual([2, 2, 2]);
    expect(observer.mempool.size).toBe(1);
  });
});

describe('what a peer may send', () => {
  const bad: [string, Uint8Array][] = [
    ['no CBOR', Uint8Array.of(0xff)],
    ['no array', encodeCbor('tx')],
    ['none', encodeCbor([])],
    ['no bytes', encodeCbor([1])],
    ['an empty one', encodeCbor([new Uint8Array(0)])],
    ['one above 64 KiB', encodeCbor([new Uint8Array(65_537)])],
    ['more than a message may have', encodeCbor(new Array(2_001).fill(tx(1)))],
  ];
  test.each(bad)('%s: blamed', async (_, message) => {
    const { clock, wire, hosts, gossips } = net(1);
    gossips[0]!.onMessage({ id: 'x', validator: true }, message);
    await clock.pass(10);
    expect(wire.blames).toHaveLength(1);
    expect(hosts[0]!.received).toEqual([]);
  });

  test('any bytes: nothing but blame', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (message) => {
        const { clock, gossips } = net(1);
        gossips[0]!.onMessage({ id: 'x', validator: true }, message);
        await clock.pass(10);
        return clock.timers <= 1;
      }),
      { numRuns: 200 },
    );
  });

  test('bytes that are no transaction are blamed; one that is only refused is not', async () => {
    const { clock, wire, hosts, gossips } = net(1);
    hosts[0]!.refuse = (bytes) =>
      new AppError(bytes[0] === 1 ? 'cose/malformed' : 'tx/duplicate-key', 'no');
    gossips[0]!.onMessage({ id: 'x', validator: true }, encodeCbor([tx(1), tx(2)]));
    await clock.pass(10);
    expect(wire.blames).toEqual(['v0 blames x: cose/malformed']);
  });

  test('a flood fills its own part alone, and the others are heard in between', async () => {
    const { clock, hosts, gossips } = net(1, { inbox_txs: 500, judged: 10 });
    for (let i = 0; i < 10; i++) {
      const flood = Array.from({ length: 1_000 }, (_, n) => tx(i * 1_000 + n));
      gossips[0]!.onMessage({ id: 'flood', validator: true }, encodeCbor(flood));
    }
    expect(gossips[0]!.sizes().inbox).toBe(500);
    gossips[0]!.onMessage({ id: 'v1', validator: true }, encodeCbor([tx(1_000_000)]));
    await clock.pass(0);
    const place = hosts[0]!.received.findIndex(({ from }) => from === 'v1');
    expect(place).toBeGreaterThanOrEqual(0);
    expect(place).toBeLessThan(20);
  });

  test('the same again costs a look, not an admission', async () => {
    const { clock, hosts, gossips } = net(1);
    for (const id of ['a', 'b', 'a']) {
      gossips[0]!.onMessage({ id, validator: true }, encodeCbor([tx(1), tx(1)]));
    }
    await clock.pass(10);
    expect(hosts[0]!.received).toHaveLength(1);
  });

  test('after stop nothing happens any more', async () => {
    const { clock, hosts, gossips } = net(1);
    gossips[0]!.onMessage({ id: 'a', validator: true }, encodeCbor([tx(1)]));
    await gossips[0]!.stop();
    hosts[0]!.submit(tx(2));
    await clock.pass(60_000);
    expect(hosts[0]!.received).toEqual([]);
    expect(clock.timers).toBe(0);
  });
});
