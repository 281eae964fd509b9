// One validator in a process of its own, with the clients that ask it: the real engine, signer, journal and transport. Clients are lanes
// of ready-made transactions; they share the process, so that what a transaction costs on its way to the node is the call alone.

import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { encodeBlock } from '@suyuan/contracts';
import { createThreadedCrypto, nodeCrypto } from '@suyuan/contracts/node';
import { nodeDisk } from '@suyuan/durable';
import {
  createNode,
  createSimplex,
  createTlsTransport,
  foundGuard,
  openJournal,
  openSigner,
  systemClock,
} from '@suyuan/server';
import type { Answer, Order, ValidatorSetup } from './messages.ts';
import { createTrade } from './trade.ts';

const setup = JSON.parse(process.argv[2] ?? '{}') as ValidatorSetup;
const { id, directory, profile } = setup;
const { chainId, genesis, keys } = createTrade(profile);
const secret = keys.get(id)!;

/** SM2 has a thread of its own; more would only share the cores with the other validators. */
const crypto = createThreadedCrypto({ workers: 1, queueMax: 8192 });
const logTo = (level: string) => (fields: object, message: string) =>
  void process.stderr.write(`${id} ${level} ${message} ${text(fields)}\n`);
const logger = { info: () => {}, warn: logTo('warn'), error: logTo('error') };

function text(fields: object): string {
  return JSON.stringify(fields, (_, value: unknown) =>
    value instanceof Error ? `${value.message}${causeOf(value)}` : value,
  );
}

function causeOf({ cause }: Error): string {
  return cause instanceof Error ? ` ← ${cause.message}${causeOf(cause)}` : '';
}

async function open() {
  const path = join(directory, 'guard');
  if (setup.isNew) {
    const publicKey = nodeCrypto.publicKeyOf(secret);
    await foundGuard({ disk: nodeDisk, path, publicKey, chainId });
  }
  const signer = await openSigner({ disk: nodeDisk, path, secret, crypto: nodeCrypto, chainId });
  const journal = await openJournal({ disk: nodeDisk, directory: join(directory, 'journal') });
  const random = () => randomInt(2 ** 32) / 2 ** 32;
  const transport = createTlsTransport({
    self: { id, key: signer.key, signHandshake: (bytes) => signer.signHandshake(bytes) },
    listen: setup.listen,
    peers: setup.peers,
    chainId,
    crypto: nodeCrypto,
    clock: systemClock,
    random,
    logger,
  });
  const consensus = createSimplex({ signer, journal, transport, random, options: setup.simplex });
  const node = await createNode({
    directory: join(directory, 'ledger'),
    genesis,
    crypto,
    clock: systemClock,
    logger,
    consensus,
  });
  return { node, consensus, signer, journal };
}

// The node's own timers keep no process alive.
const alive = setInterval(() => {}, 2 ** 30);
const { node, consensus, signer, journal } = await open();
const opened_ms = performance.now();
const openedCpu = process.cpuUsage();
let lanes: { readonly txs: readonly Uint8Array[]; at: number }[] = [];

function cpuSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

async function run(time_ms: number): Promise<Answer> {
  const finality_ms: number[] = [];
  const cpu = process.cpuUsage();
  const start_ms = performance.now();
  await Promise.all(
    lanes.map(async (lane) => {
      for (; lane.at < lane.txs.length; lane.at += 1) {
        const sent_ms = performance.now();
        if (sent_ms - start_ms >= time_ms) return;
        const { ok, code } = await node.submit(lane.txs[lane.at]!);
        if (!ok) throw new Error(`a transaction was refused: ${code}`);
        finality_ms.push(performance.now() - sent_ms);
      }
    }),
  );
  return {
    done: 'run',
    finality_ms: finality_ms.sort((a, b) => a - b),
    elapsed_ms: performance.now() - start_ms,
    cpu_ms: cpuSince(cpu),
  };
}

async function rest(time_ms: number): Promise<Answer> {
  const cpu = process.cpuUsage();
  const start_ms = performance.now();
  await wait(time_ms);
  return { done: 'rest', elapsed_ms: performance.now() - start_ms, cpu_ms: cpuSince(cpu) };
}

function reach(height: number): Promise<Answer> {
  return new Promise((resolve) => {
    const look = (): boolean => {
      if (node.height() < height) return false;
      const elapsed_ms = performance.now() - opened_ms;
      resolve({ done: 'reach', elapsed_ms, cpu_ms: cpuSince(openedCpu) });
      return true;
    };
    if (look()) return;
    const stop = node.subscribe(() => {
      if (look()) stop();
    });
  });
}

function weigh(from: number, to: number): Answer {
  const sum = { blocks: 0, txs: 0, bytes: 0 };
  for (let height = from + 1; height <= to; height += 1) {
    const block = node.block(height);
    if (block === undefined) throw new Error(`block ${height} is not in the log`);
    sum.blocks += 1;
    sum.txs += block.txs.length;
    sum.bytes += encodeBlock(block).length;
  }
  return { done: 'weigh', ...sum };
}

async function follow(order: Order): Promise<Answer> {
  switch (order.order) {
    case 'load':
      lanes = order.lanes.map((txs) => ({ txs, at: 0 }));
      return { done: 'load' };
    case 'run':
      return run(order.time_ms);
    case 'rest':
      return rest(order.time_ms);
    case 'reach':
      return reach(order.height);
    case 'where': {
      const peers = consensus.status()?.peers.length ?? 0;
      return { done: 'where', height: node.height(), peers };
    }
    case 'weigh':
      return weigh(order.from, order.to);
    case 'close':
      await node.close();
      await Promise.all([journal.close(), signer.close(), crypto.close()]);
      return { done: 'close' };
  }
}

function tell(answer: Answer): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(answer, () => resolve());
  });
}

process.on('message', (order: Order) => {
  follow(order).then(
    async (answer) => {
      await tell(answer);
      if (answer.done !== 'close') return;
      clearInterval(alive);
      process.exit(0);
    },
    (error: unknown) =>
      tell({ done: 'failed', message: error instanceof Error ? text({ error }) : String(error) }),
  );
});
// Whoever started this is gone.
process.on('disconnect', () => process.exit(1));
await tell({ done: 'ready' });
