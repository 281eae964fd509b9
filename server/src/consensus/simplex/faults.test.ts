import { bytesToHex, decodeHeader } from '@suyuan/contracts';
import { afterEach, expect, it } from 'vitest';
import {
  type ConsensusMessage,
  decodeMessage,
  encodeMessage,
  type VoteKind,
  voteBytes,
} from '../messages/index.ts';
import { type Cluster, type ClusterOptions, createCluster } from '../testing/cluster.ts';
import { secretOf } from '../testing/fake-crypto.ts';
import { CHAIN } from '../testing/fake-ledger.ts';
import { proposalOf, voteOf } from '../testing/hostile-words.ts';

const DAY_MS = 86_400_000;
const IDS = ['a', 'b', 'c', 'd'];
const open: Cluster[] = [];

async function cluster(options: ClusterOptions = {}): Promise<Cluster> {
  const created = await createCluster(options);
  open.push(created);
  return created;
}

afterEach(async () => {
  for (const one of open.splice(0)) {
    await one.stop();
    const chains = one.machines.map(({ host }) =>
      host.ledger.blocks.map(({ header }) => bytesToHex(header)),
    );
    chains.sort((a, b) => b.length - a.length);
    for (const chain of chains) expect(chain).toEqual(chains[0]?.slice(0, chain.length));
  }
});

async function included(one: Cluster, text: string, at: number): Promise<void> {
  one.submit(text, at);
  await one.time.until(() =>
    one.machines.every(
      ({ host, isUp, failures }) => !isUp || failures.length > 0 || host.texts().includes(text),
    ),
  );
}

it('without its guard file a validator follows, says why, and does not vote', async () => {
  const one = await cluster();
  const [a] = one.machines;
  await a?.disk.remove('/node/guard');
  await one.start();
  await included(one, 'three suffice', 1);
  expect(a?.simplex.status()).toMatchObject({
    voting: false,
    self: null,
    reason: { code: 'signer/guard-missing' },
  });
  expect(a?.host.head().height).toBe(one.machines[1]?.host.head().height);
});

it('when its guard file cannot be written a validator votes no more, and the others go on', async () => {
  const one = await cluster();
  await one.start();
  await included(one, 'before', 0);
  const b = one.machines[1]!;
  b.disk.failNext('dataSync', 'ENOSPC');
  for (const text of ['x', 'y', 'z']) await included(one, text, 2);
  const { voting, failed, reason } = b.simplex.status();
  expect(voting).toBe(false);
  expect(failed || reason?.code === 'signer/guard-failed').toBe(true);
});

it('two blocks of one leader: at most one is certified, and the slot goes on', async () => {
  const one = await cluster();
  const [, b, c, d] = one.machines;
  for (const machine of [b, c, d]) await machine?.start();
  const byzantine = await one.stranger('a');
  await one.time.pass(10);
  const blocks = ['left', 'right'].map((text) => proposalOf(one, text));
  blocks.forEach((message, i) => {
    const bytes = encodeMessage(message);
    for (const peer of i === 0 ? ['b', 'c'] : ['d']) {
      byzantine.transport.send(peer, 'consensus', bytes);
    }
    for (const peer of ['b', 'c', 'd']) {
      byzantine.transport.send(peer, 'consensus', vote('a', 'notar', 0, message.block));
      byzantine.transport.send(peer, 'consensus', vote('a', 'final', 0, message.block));
    }
  });
  await included(one, 'honest', 1);
  const texts = c?.host.texts() ?? [];
  expect(texts.includes('left') && texts.includes('right')).toBe(false);
  const warned = [b, c, d].filter((machine) =>
    machine?.logs.some(({ message }) => message.includes('two blocks')),
  );
  expect(warned.length).toBeGreaterThan(0);
});

it('a clock a day slow: the machine says so, the others go on', async () => {
  const one = await cluster();
  const d = one.machines[3]!;
  d.clock.skew_ms = -DAY_MS;
  await one.start();
  for (let i = 0; i < 8; i += 1) await included(one, `block ${i}`, 0);
  expect(d.simplex.status().clock).toMatchObject({
    whose: 'this machine',
    message: "This machine's clock differs by 24 h 0 min from that of the others: set it (NTP).",
  });
  expect(d.logs.filter(({ message }) => message.includes('set it'))).toHaveLength(1);
  expect(d.host.head().height).toBe(one.machines[0]?.host.head().height);
  d.clock.skew_ms = 0;
  for (let i = 0; i < 8; i += 1) await included(one, `later ${i}`, 0);
  expect(d.simplex.status().clock).toBeNull();
});

it('a clock a day fast: the others name the machine and take none of its blocks', async () => {
  const one = await cluster();
  one.machines[3]!.clock.skew_ms = DAY_MS;
  await one.start();
  for (let i = 0; i < 12; i += 1) await included(one, `block ${i}`, 0);
  expect(one.machines[0]?.simplex.status().clock).toMatchObject({ whose: 'd' });
  const proposers = one.machines[0]!.ledger.blocks.map(
    ({ header }) => decodeHeader(header).proposer,
  );
  expect(proposers).not.toContain('d');
  // A block within reach of the others' clocks is voted for when its time has come.
  one.machines[3]!.clock.skew_ms = 5500;
  for (let i = 0; i < 12; i += 1) await included(one, `soon ${i}`, 0);
});

it('all clocks a day fast and then set right: the chain goes on, and no clock is blamed', async () => {
  const one = await cluster();
  await one.start();
  await included(one, 'before', 0);
  for (const { clock } of one.machines) clock.skew_ms = DAY_MS;
  await included(one, 'a day ahead', 1);
  for (const { clock } of one.machines) clock.skew_ms = 0;
  await included(one, 'put right', 2);
  await included(one, 'and on', 3);
  for (const { simplex } of one.machines) expect(simplex.status().clock).toBeNull();
});

it('a second voice is believed by its signature alone', async () => {
  const one = await cluster();
  const [, b, c, d] = one.machines;
  for (const machine of [b!, c!, d!]) await machine.start();
  const hostile = await one.stranger('a');
  await included(one, 'one', 1);
  const slot = b!.simplex.status().slot + 5;
  const vote = (signer: string, block: Uint8Array) =>
    encodeMessage({
      ...{ type: 'vote', kind: 'notar', epoch: 0, slot, block, validator: IDS.indexOf('c') },
      signature: one.crypto.sign(
        secretOf(signer),
        voteBytes({ kind: 'notar', chainId: CHAIN, epoch: 0, slot, block }),
      ),
    });
  const say = async (message: Uint8Array) => {
    hostile.transport.send('b', 'consensus', message);
    await one.time.pass(5);
  };
  const accused = () => b!.logs.filter(({ message }) => message.includes('for two blocks'));
  await say(vote('c', CHAIN));
  const other = CHAIN.map((byte) => byte ^ 1);
  await say(vote('a', other));
  expect(accused()).toEqual([]);
  expect(one.blamed).not.toEqual([]);
  await say(vote('c', other));
  expect(accused()).toHaveLength(1);
});

it('a node that computes another state stops and names both', async () => {
  const one = await cluster();
  await one.start();
  await included(one, 'before', 0);
  const c = one.machines[2]!;
  c.host.bend = (state) => state.map((byte) => byte ^ 1);
  for (const text of ['x', 'y', 'z']) await included(one, text, 0);
  expect(c.failures).toHaveLength(1);
  expect(c.failures[0]).toMatchObject({ code: 'consensus/diverged' });
  const block = one.machines[0]!.ledger.blocks[c.host.head().height]!;
  const { stateRoot, height } = decodeHeader(block.header);
  const { message } = c.failures[0] as Error;
  expect(message).toContain(`block ${height}`);
  expect(message).toContain(bytesToHex(stateRoot));
  expect(message).toContain(bytesToHex(stateRoot.map((byte) => byte ^ 1)));
});

it('garbage and forged words are blamed, a flood starves nobody', async () => {
  const one = await cluster();
  const [, b, c, d] = one.machines;
  for (const machine of [b, c, d]) await machine?.start();
  const byzantine = await one.stranger('a');
  await one.time.pass(10);
  const forged = { ...(decodeMessage(vote('b', 'skip', 0, null)) as object), validator: 2 };
  byzantine.transport.send('d', 'consensus', Uint8Array.of(1, 2, 3));
  byzantine.transport.send('d', 'consensus', encodeMessage(forged as ConsensusMessage));
  await one.time.pass(10);
  expect(one.blamed).toEqual([
    { peer: 'a', code: 'consensus/bad-message' },
    { peer: 'a', code: 'consensus/bad-vote' },
  ]);
  for (let slot = 0; slot < 2000; slot += 1) {
    for (const peer of ['b', 'c', 'd']) {
      byzantine.transport.send(peer, 'consensus', vote('a', 'skip', slot, null));
      byzantine.transport.send(peer, 'consensus', vote('a', 'notar', slot, CHAIN));
    }
  }
  await included(one, 'through the flood', 1);
  for (const machine of [b, c, d]) {
    expect(machine?.simplex.status().sizes.slots).toBeLessThan(100);
  }
});

it('what a peer says about the next epoch waits, within bounds', async () => {
  const one = await cluster();
  const [, b, c, d] = one.machines;
  for (const machine of [b, c, d]) await machine?.start();
  const byzantine = await one.stranger('a');
  await one.time.pass(10);
  for (let slot = 0; slot < 1000; slot += 1) {
    byzantine.transport.send('b', 'consensus', vote('a', 'skip', slot, null, 1));
    byzantine.transport.send('b', 'consensus', vote('a', 'skip', slot, null, 7));
  }
  await one.time.pass(1000);
  expect(b?.simplex.status().sizes.early).toBe(512);
  await included(one, 'set b,c,d', 1);
  await included(one, 'next epoch', 2);
  expect(b?.simplex.status()).toMatchObject({ epoch: 1, sizes: { early: 0 } });
});

it('a lost candidate is fetched, and nobody is asked without end', async () => {
  const one = await cluster();
  await one.start();
  await included(one, 'before', 0);
  // d hears no proposal by itself.
  one.loses = (_from, to, channel, message) =>
    to === 'd' && channel === 'consensus' && isUnasked(message);
  const asked = new Set<string>();
  function isUnasked(message: Uint8Array): boolean {
    const decoded = decodeMessage(message);
    if (decoded.type !== 'proposal') return false;
    const key = bytesToHex(decoded.block);
    if (asked.has(key)) return false;
    asked.add(key);
    return true;
  }
  for (let i = 0; i < 6; i += 1) await included(one, `lost ${i}`, i % 4);
  await one.time.pass(5000);
  expect(one.machines[3]?.simplex.status().sizes.fetches).toBe(0);
});

function vote(
  id: string,
  kind: VoteKind,
  slot: number,
  block: Uint8Array | null,
  epoch = 0,
): Uint8Array {
  const [first] = open;
  if (first === undefined) throw new Error('no cluster');
  return voteOf(first, IDS.indexOf(id), { kind, epoch, slot, block });
}
