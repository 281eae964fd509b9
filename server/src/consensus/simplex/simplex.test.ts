import { afterEach, expect, it } from 'vitest';
import { type Cluster, type ClusterOptions, createCluster } from '../testing/cluster.ts';

const open: Cluster[] = [];

async function start(options: ClusterOptions = {}): Promise<Cluster> {
  const cluster = await createCluster(options);
  open.push(cluster);
  await cluster.start();
  return cluster;
}

afterEach(async () => {
  for (const cluster of open.splice(0)) {
    await cluster.stop();
    for (const { host } of cluster.machines) expect(host.failures).toEqual([]);
  }
});

it('makes blocks among four validators', async () => {
  const cluster = await start();
  await cluster.height(1);
  for (const text of ['one', 'two', 'three']) {
    cluster.submit(text, 1);
    await cluster.time.pass(1000);
  }
  for (const { host } of cluster.machines) expect(host.texts()).toEqual(['one', 'two', 'three']);
  const [first, ...others] = cluster.machines.map(({ host }) => host.head());
  for (const head of others) expect(head.blockHash).toEqual(first?.blockHash);
  expect(cluster.blamed).toEqual([]);
});
