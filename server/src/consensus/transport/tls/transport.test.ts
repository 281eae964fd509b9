import { afterEach, expect, it } from 'vitest';
import { MESSAGE_BYTES_MAX } from '../port.ts';
import { at, type NodeSetup, startNode, type TestNode, validatorOf } from './testing/nodes.ts';

const VALIDATORS = ['org-1', 'org-2', 'org-3', 'org-4'].map((id) => validatorOf(id));

const open: TestNode[] = [];
afterEach(async () => {
  for (const { transport } of open.splice(0)) await transport.stop();
});

async function start(id: string | null, setup: NodeSetup = {}): Promise<TestNode> {
  const node = await startNode(id, { validators: VALIDATORS, ...setup });
  open.push(node);
  return node;
}

/** The second dials the first. */
async function pair(): Promise<[TestNode, TestNode]> {
  const one = await start('org-1');
  const two = await start('org-2', { peers: [at('org-1', one.port)] });
  two.clock.advance(1000);
  await Promise.all([one.heard.until('+org-2'), two.heard.until('+org-1')]);
  return [one, two];
}

it('connects two validators and carries messages both ways, whole and in order', async () => {
  const [one, two] = await pair();
  const sizes = [0, 1, 65_535, 65_536, 65_537, 200_000, MESSAGE_BYTES_MAX.consensus];
  for (const [i, size] of sizes.entries()) {
    expect(one.transport.send('org-2', 'consensus', new Uint8Array(size).fill(i))).toBe(true);
  }
  two.transport.send('org-1', 'transactions', Uint8Array.of(9));
  await two.heard.until(`consensus ${MESSAGE_BYTES_MAX.consensus}`);
  expect(two.heard.lines.slice(1)).toEqual(
    sizes.map((size, i) => `org-1 consensus ${size}:${size === 0 ? '' : i}`),
  );
  expect(await one.heard.until('transactions')).toBe('org-2 transactions 1:9');
  expect(one.transport.status()).toMatchObject([{ id: 'org-2', validator: true }]);
});
