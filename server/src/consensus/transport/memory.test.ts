import { expect, it } from 'vitest';
import { silentLogger } from '../../engine/logger.ts';
import { createMemoryNetwork } from './memory.ts';
import { MESSAGE_BYTES_MAX, type Peer, type Transport, type TransportHandlers } from './port.ts';
import { QUEUE_LIMITS } from './send-queues.ts';

const keyOf = (n: number) => ({ suite: 'ed25519' as const, bytes: new Uint8Array(32).fill(n) });
const VALIDATORS = [1, 2, 3].map((n) => ({ id: `org-${n}`, key: keyOf(n) }));

function open() {
  const tasks: (() => void)[] = [];
  const network = createMemoryNetwork({ defer: (run) => tasks.push(run), logger: silentLogger });
  return {
    network,
    /** One turn: what was waiting, not what that made. */
    turn: () => {
      for (const run of tasks.splice(0)) run();
    },
    settle: () => {
      while (tasks.length > 0) tasks.shift()?.();
    },
  };
}

function recorder() {
  const heard: string[] = [];
  const handlers: TransportHandlers = {
    onConnected: (peer: Peer) => heard.push(`+${peer.id}${peer.validator ? '' : '?'}`),
    onDisconnected: (peer) => heard.push(`-${peer.id}`),
    onMessage: (peer, channel, message) => heard.push(`${peer.id} ${channel} ${message.join()}`),
  };
  return { heard, handlers };
}

async function member(network: ReturnType<typeof open>['network'], n: number) {
  const transport = network.join({ key: keyOf(n) });
  transport.admit(VALIDATORS);
  const { heard, handlers } = recorder();
  await transport.start(handlers);
  return { transport, heard };
}

it('connects members as they come and carries what they send, never within the call', async () => {
  const { network, settle } = open();
  const one = await member(network, 1);
  const two = await member(network, 2);
  settle();
  expect([one.heard, two.heard]).toEqual([['+org-2'], ['+org-1']]);
  expect(one.transport.send('org-2', 'consensus', Uint8Array.of(7))).toBe(true);
  expect(two.heard).toHaveLength(1);
  settle();
  expect(two.heard).toEqual(['+org-1', 'org-1 consensus 7']);
  expect(one.transport.send('org-9', 'consensus', Uint8Array.of(7))).toBe(false);
});

it('gives votes before blocks and transactions that came earlier, and each member its turn', async () => {
  const { network, settle } = open();
  const [one, two, three] = [
    await member(network, 1),
    await member(network, 2),
    await member(network, 3),
  ];
  settle();
  three.heard.length = 0;
  for (let i = 0; i < 50; i++) one.transport.send('org-3', 'transactions', Uint8Array.of(i));
  one.transport.send('org-3', 'blocks', Uint8Array.of(8));
  one.transport.send('org-3', 'consensus', Uint8Array.of(9));
  two.transport.send('org-3', 'transactions', Uint8Array.of(1));
  settle();
  expect(three.heard.indexOf('org-1 consensus 9')).toBeLessThan(3);
  expect(three.heard.indexOf('org-2 transactions 1')).toBeLessThan(3);
  expect(three.heard.filter((line) => line.startsWith('org-1 trans'))).toEqual(
    Array.from({ length: 50 }, (_, i) => `org-1 transactions ${i}`),
  );
});

it('does not grow with a member that is not given its turns', async () => {
  const { network, settle } = open();
  const one = await member(network, 1);
  const two = await member(network, 2);
  settle();
  two.heard.length = 0;
  let taken = 0;
  while (one.transport.send('org-2', 'transactions', Uint8Array.of(1))) taken += 1;
  expect(taken).toBe(QUEUE_LIMITS.transactions.messages);
  expect(one.transport.send('org-2', 'consensus', Uint8Array.of(1))).toBe(true);
  settle();
  expect(two.heard).toHaveLength(taken + 1);
  const large = new Uint8Array(MESSAGE_BYTES_MAX.consensus + 1);
  expect(one.transport.send('org-2', 'consensus', large)).toBe(false);
});

it('delivers a bounded number in a turn', async () => {
  const { network, settle, turn } = open();
  const one = await member(network, 1);
  const two = await member(network, 2);
  settle();
  two.heard.length = 0;
  for (let i = 0; i < 1000; i++) one.transport.send('org-2', 'consensus', Uint8Array.of(1));
  turn();
  expect(two.heard).toHaveLength(64);
});

it('knows who has no voice, hears no votes from them, and learns of a new set', async () => {
  const { network, settle } = open();
  const one = await member(network, 1);
  const four = await member(network, 4);
  settle();
  const name = `observer-${'04'.repeat(16)}`;
  expect(one.heard).toEqual([`+${name}?`]);
  expect(one.transport.send(name, 'consensus', Uint8Array.of(1))).toBe(false);
  expect(one.transport.send(name, 'blocks', Uint8Array.of(1))).toBe(true);
  four.transport.send('org-1', 'consensus', Uint8Array.of(5));
  four.transport.send('org-1', 'transactions', Uint8Array.of(6));
  settle();
  expect(one.heard.slice(1)).toEqual([`${name} transactions 6`]);
  one.transport.admit([...VALIDATORS, { id: 'org-4', key: keyOf(4) }]);
  four.transport.send('org-1', 'consensus', Uint8Array.of(7));
  settle();
  expect(one.heard.slice(2)).toEqual([`-${name}`, '+org-4', 'org-4 consensus 7']);
});

it('tells of one that stops, which hears nothing more and may come again', async () => {
  const { network, settle } = open();
  const one = await member(network, 1);
  const two = await member(network, 2);
  settle();
  one.transport.send('org-2', 'consensus', Uint8Array.of(1));
  await two.transport.stop();
  settle();
  expect(one.heard).toEqual(['+org-2', '-org-2']);
  expect(two.heard).toEqual(['+org-1']);
  expect(one.transport.peers()).toEqual([]);
  expect(one.transport.send('org-2', 'consensus', Uint8Array.of(1))).toBe(false);
  const again: Transport = network.join({ key: keyOf(2) });
  again.admit(VALIDATORS);
  const { heard, handlers } = recorder();
  await again.start(handlers);
  settle();
  expect(heard).toEqual(['+org-1']);
});
