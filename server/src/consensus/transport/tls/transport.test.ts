// Nodes with each other, over real sockets.

import type { SecretKey } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { afterEach, describe, expect, it } from 'vitest';
import { MESSAGE_BYTES_MAX } from '../port.ts';
import {
  at,
  createStage,
  drive,
  settled,
  type TestNode,
  testKey,
  validatorOf,
} from './testing/nodes.ts';

const VALIDATORS = ['org-1', 'org-2', 'org-3', 'org-4'].map((id) => validatorOf(id));
const OTHER_CHAIN = new Uint8Array(32).fill(7);
OTHER_CHAIN[31] = 8;

const signer = (secret: SecretKey) => (transcript: Uint8Array) =>
  nodeCrypto.sign(secret, transcript);

const { start, clear } = createStage(VALIDATORS);
afterEach(clear);

/** The second dials the first. */
async function pair(): Promise<[TestNode, TestNode]> {
  const one = await start('org-1');
  const two = await start('org-2', { peers: [at('org-1', one.port)] });
  two.clock.advance(1000);
  await Promise.all([one.heard.until('+org-2'), two.heard.until('+org-1')]);
  return [one, two];
}

describe('two validators', () => {
  it('carry messages both ways, whole and in order', async () => {
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
    expect(one.transport.peers()).toMatchObject([{ id: 'org-2', validator: true }]);
  });

  it('give votes before blocks that wait', async () => {
    const [one, two] = await pair();
    for (let i = 0; i < 2; i++) {
      one.transport.send('org-2', 'blocks', new Uint8Array(MESSAGE_BYTES_MAX.blocks));
    }
    one.transport.send('org-2', 'transactions', new Uint8Array(10));
    one.transport.send('org-2', 'consensus', Uint8Array.of(1));
    await settled(() => two.heard.lines.length === 5);
    expect(two.heard.lines.slice(1, 3)).toEqual(['org-1 consensus 1:1', 'org-1 transactions 10:0']);
  });

  it('speak SM2 where the ledger does', async () => {
    const validators = ['org-1', 'org-2'].map((id) => validatorOf(id, 'sm2'));
    const self = (id: string) => {
      const { secret, key } = testKey(id, 'sm2');
      return { validators, self: { id, key, signHandshake: signer(secret) } };
    };
    const one = await start('org-1', self('org-1'));
    const two = await start('org-2', { ...self('org-2'), peers: [at('org-1', one.port)] });
    two.clock.advance(1000);
    await Promise.all([one.heard.until('+org-2'), two.heard.until('+org-1')]);
  });

  it('keep one connection when both dial at the same moment', async () => {
    const one = await start('org-1', { peers: [] });
    const two = await start('org-2', { peers: [at('org-1', one.port)] });
    // A third process of the test takes the place of an address that is only known now.
    await one.transport.stop();
    const again = await start('org-1', {
      listen: { host: '127.0.0.1', port: one.port },
      peers: [at('org-2', two.port)],
    });
    again.clock.advance(0);
    two.clock.advance(1000);
    // What is sent while the two connections are sorted out may be lost; afterwards nothing is.
    await settled(() => {
      again.transport.send('org-2', 'consensus', Uint8Array.of(2));
      two.transport.send('org-1', 'consensus', Uint8Array.of(3));
      return [
        two.heard.lines.join().includes('1:2'),
        again.heard.lines.join().includes('1:3'),
      ].every((heard) => heard);
    });
    expect(again.transport.peers()).toHaveLength(1);
    expect(two.transport.peers()).toHaveLength(1);
    const logs = [...again.log.lines, ...two.log.lines].join();
    expect(logs).not.toContain('peer/key-used-twice');
  });

  it('find each other again after one was away', async () => {
    const [one, two] = await pair();
    const { port } = one;
    await one.transport.stop();
    await two.heard.until('-org-1');
    await drive(two, () => two.log.lines.some((line) => line.includes('peer/unreachable')));
    const again = await start('org-1', { listen: { host: '127.0.0.1', port } });
    await drive(two, () => two.heard.lines.slice(2).includes('+org-1'));
    await again.heard.until('+org-2');
  });

  it('say so, both of them and with both ids, when their genesis differs by a byte', async () => {
    const one = await start('org-1');
    const two = await start('org-2', { peers: [at('org-1', one.port)], chainId: OTHER_CHAIN });
    two.clock.advance(1000);
    for (const node of [one, two]) {
      const line = await node.log.until('peer/other-chain');
      expect(line).toMatch(/^error /);
      expect(line).toContain('07'.repeat(31).concat('07'));
      expect(line).toContain('07'.repeat(31).concat('08'));
      expect(node.heard.lines).toEqual([]);
    }
  });
});
