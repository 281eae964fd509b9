import { bytesToHex } from '@suyuan/contracts';
import { afterEach, describe, expect, it } from 'vitest';
import { decodeMessage } from '../messages/index.ts';
import {
  type Cluster,
  type ClusterOptions,
  createCluster,
  type Machine,
} from '../testing/cluster.ts';

const open: Cluster[] = [];

async function start(options: ClusterOptions = {}): Promise<Cluster> {
  const cluster = await createCluster(options);
  open.push(cluster);
  await cluster.start();
  return cluster;
}

const hashes = ({ host }: Machine) => host.ledger.blocks.map(({ header }) => bytesToHex(header));

/** Of any two chains one begins the other. */
function expectOneChain(machines: readonly Machine[]): void {
  const chains = machines.map(hashes).sort((a, b) => b.length - a.length);
  for (const chain of chains) expect(chain).toEqual(chains[0]?.slice(0, chain.length));
}

async function submitted(cluster: Cluster, texts: readonly string[], at = 0): Promise<void> {
  for (const text of texts) cluster.submit(text, at);
  const up = cluster.machines.filter(({ isUp }) => isUp);
  await cluster.time.until(() =>
    up.every(({ host }) => texts.every((text) => host.texts().includes(text))),
  );
}

afterEach(async () => {
  for (const cluster of open.splice(0)) {
    await cluster.stop();
    expectOneChain(cluster.machines);
    for (const { failures } of cluster.machines) expect(failures).toEqual([]);
    expect(cluster.blamed).toEqual([]);
  }
});

describe('four validators', () => {
  it('make blocks of what any of them is given', async () => {
    const cluster = await start();
    await submitted(cluster, ['one', 'two'], 1);
    await submitted(cluster, ['three'], 3);
    for (const { host } of cluster.machines) {
      expect(host.texts().sort()).toEqual(['one', 'three', 'two']);
    }
  });

  it('are silent when nothing waits, and make an empty block once a minute', async () => {
    const cluster = await start();
    await submitted(cluster, ['one']);
    await cluster.time.pass(10_000);
    const height = cluster.machines[0]!.host.head().height;
    const sent = cluster.machines.map((machine) => machine.sent);
    await cluster.time.pass(45_000);
    expect(cluster.machines.map((machine) => machine.sent)).toEqual(sent);
    expect(cluster.machines.every(({ simplex }) => !isActive(simplex.status()))).toBe(true);
    await cluster.time.pass(20_000);
    for (const { host } of cluster.machines) expect(host.head().height).toBe(height + 1);
  });

  it('verify each vote once', async () => {
    const cluster = await start();
    await submitted(cluster, ['one']);
    const { verified } = cluster.crypto;
    const height = cluster.machines[0]!.host.head().height;
    await submitted(cluster, ['two']);
    expect(cluster.machines[0]!.host.head().height).toBe(height + 1);
    // Of each machine: a proposal, three votes of two kinds at most, and the certificate in the commit.
    expect(cluster.crypto.verified - verified).toBeLessThanOrEqual(4 * (1 + 6 + 3));
  });

  it('go on without one of them, whoever it is, and it catches up', async () => {
    for (const down of [0, 1, 2, 3]) {
      const cluster = await start({ seed: down + 1 });
      await cluster.height(1);
      await cluster.machines[down]?.stop();
      const texts = Array.from({ length: 6 }, (_, i) => `${down} ${i}`);
      for (const text of texts) await submitted(cluster, [text], (down + 1) % 4);
      await cluster.machines[down]?.start();
      const top = Math.max(...cluster.machines.map(({ host }) => host.head().height));
      await cluster.height(top);
      await submitted(cluster, ['all again'], down);
    }
  });

  it('stop with two of them down, without a fork, and go on when one is back', async () => {
    const cluster = await start();
    await submitted(cluster, ['before']);
    cluster.machines[1]?.crash();
    cluster.machines[2]?.crash();
    await cluster.time.pass(10);
    cluster.submit('during', 0);
    const height = cluster.machines[0]!.host.head().height;
    await cluster.time.pass(120_000);
    expect(cluster.machines[0]!.host.head().height).toBe(height);
    await cluster.machines[2]?.start();
    await submitted(cluster, ['during'], 0);
    await cluster.machines[1]?.start();
    await submitted(cluster, ['after'], 1);
  });

  it('lose every third message and still agree', async () => {
    const cluster = await start({ options: { heartbeat_ms: 5000 } });
    let count = 0;
    cluster.loses = () => {
      count += 1;
      return count % 3 === 0;
    };
    for (let i = 0; i < 20; i += 1) await submitted(cluster, [`lossy ${i}`], i % 4);
    cluster.loses = () => false;
    await submitted(cluster, ['healed']);
  });

  it('agree after a partition of two and two', async () => {
    const cluster = await start();
    await submitted(cluster, ['before']);
    const left = new Set(['a', 'b']);
    cluster.loses = (from, to) => left.has(from) !== left.has(to);
    cluster.submit('left', 0);
    cluster.submit('right', 3);
    await cluster.time.pass(60_000);
    expectOneChain(cluster.machines);
    cluster.loses = () => false;
    await submitted(cluster, ['left', 'right']);
  });
});

describe('a restart', () => {
  it('of each in turn, by kill, loses nothing that was agreed', async () => {
    const cluster = await start();
    for (let round = 0; round < 8; round += 1) {
      const machine = cluster.machines[round % 4]!;
      cluster.submit(`round ${round}`, (round + 1) % 4);
      await cluster.time.pass(7 * round);
      machine.crash();
      await submitted(cluster, [`round ${round}`], (round + 1) % 4);
      await machine.start();
      await submitted(cluster, [`after ${round}`], (round + 2) % 4);
    }
  });

  it('of all at once after any step goes on without a conflict', async () => {
    const cluster = await start({ options: { minInterval_ms: 0 } });
    for (let steps = 1; steps <= 60; steps += 2) {
      cluster.submit(`all ${steps}`, steps % 4);
      let left = steps;
      await cluster.time.until(() => left-- === 0);
      for (const machine of cluster.machines) machine.crash();
      expectOneChain(cluster.machines);
      await Promise.all(cluster.machines.map((machine) => machine.start()));
      await submitted(cluster, [`all ${steps}`, `again ${steps}`], (steps + 1) % 4);
    }
  });

  it('of one at any call of its disk goes on without a conflict', async () => {
    const cluster = await start({ options: { minInterval_ms: 0 } });
    for (let calls = 1; calls <= 30; calls += 1) {
      const machine = cluster.machines[calls % 4]!;
      machine.disk.losePowerAfter(calls);
      for (let i = 0; i < 3; i += 1) cluster.submit(`disk ${calls} ${i}`, (calls + 1) % 4);
      await cluster.time.pass(500);
      // The power of the machine is gone with that of its disk.
      machine.crash();
      machine.failures.length = 0;
      await machine.start();
      await submitted(cluster, [`disk ${calls} 0`, `again ${calls}`], (calls + 1) % 4);
    }
  });
});

describe('a proposal', () => {
  it('of before a restart is made again, and no other one for its slot', async () => {
    const cluster = await start();
    const [leader, ...others] = cluster.machines;
    // Its words do not leave it: with a heartbeat due it leads slot 0 with an empty block.
    cluster.loses = (from) => from === leader?.id;
    await cluster.time.until(() => (leader?.simplex.status().sizes.candidates ?? 0) > 0);
    await cluster.time.pass(5);
    leader?.crash();
    cluster.loses = () => false;
    const proposals: string[] = [];
    cluster.loses = (from, _to, channel, message) => {
      const decoded = channel === 'consensus' ? decodeMessage(message) : undefined;
      if (from === leader?.id && decoded?.type === 'proposal' && decoded.slot === 0) {
        proposals.push(bytesToHex(decoded.block));
      }
      return false;
    };
    await leader?.start();
    for (const { host } of cluster.machines) host.submit('now it would be another block');
    await submitted(cluster, ['after']);
    expect(proposals.length).toBeGreaterThanOrEqual(others.length);
    expect(new Set(proposals).size).toBe(1);
    expect(leader?.host.ledger.blocks[0]?.txs).toEqual([]);
  });
});

describe('a log put back from an old copy', () => {
  it('is filled up from the others, and nothing is voted on twice', async () => {
    const cluster = await start({ options: { minInterval_ms: 0 } });
    await submitted(cluster, ['one', 'two']);
    for (let i = 0; i < 6; i += 1) {
      const machine = cluster.machines[i % 4]!;
      const old = machine.ledger.blocks.length;
      for (let k = 0; k < 3; k += 1) await submitted(cluster, [`round ${i} ${k}`], (i + 1) % 4);
      await machine.stop();
      machine.ledger.blocks.length = old;
      await machine.start();
      await submitted(cluster, [`back ${i}`], i % 4);
    }
  });
});

describe('epochs', () => {
  it('change the set: one leaves, one joins, one follows until it is in', async () => {
    const cluster = await start({ ids: ['a', 'b', 'c', 'd', 'e'], genesis: ['a', 'b', 'c', 'd'] });
    await submitted(cluster, ['one']);
    expect(cluster.machines[4]?.simplex.status()).toMatchObject({ self: null, voting: false });
    await submitted(cluster, ['set a,b,c,d,e', 'two']);
    expect(cluster.machines[4]?.simplex.status()).toMatchObject({
      epoch: 1,
      self: 'e',
      voting: true,
    });
    await submitted(cluster, ['set b,c,d,e', 'three'], 1);
    await submitted(cluster, ['four'], 2);
    expect(cluster.machines[0]?.simplex.status()).toMatchObject({ epoch: 2, self: null });
    await cluster.machines[0]?.stop();
    await submitted(cluster, ['five'], 4);
  });

  it('begin after a restart of all in the change', async () => {
    const cluster = await start({ options: { minInterval_ms: 0 } });
    const sets = ['set a,b,c', 'set a,b,c,d'];
    for (let steps = 1; steps <= 40; steps += 3) {
      const change = `${sets[steps % 2]}`;
      for (const { host } of cluster.machines) host.submit(change);
      let left = steps;
      await cluster.time.until(() => left-- === 0);
      for (const machine of cluster.machines) machine.crash();
      await Promise.all(cluster.machines.map((machine) => machine.start()));
      await submitted(cluster, [`epoch ${steps}`], steps % 3);
    }
    expect(cluster.machines[0]?.simplex.status().epoch).toBeGreaterThan(3);
  });
});

function isActive({ sizes }: { sizes: Readonly<Record<string, number>> }): boolean {
  return (sizes.inFlight ?? 0) + (sizes.fetches ?? 0) + (sizes.slots ?? 0) > 0;
}
