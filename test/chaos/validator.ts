// One validator in a process of its own, to be killed: the real engine, signer, journal and transport. What it knows goes out as lines
// on standard output the moment it is so; orders come in as lines on standard input.

import { randomBytes, randomInt } from 'node:crypto';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import {
  AppError,
  blockHash,
  bytesToHex,
  decodeTx,
  isAppError,
  profileHash,
  txId,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
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
import { createConsortium } from './consortium.ts';
import type { ValidatorSetup } from './setup.ts';

const SUBMITTERS = 4;
const STATUS_MS = 250;

const setup = JSON.parse(process.argv[2] ?? '{}') as ValidatorSetup;
const { id, directory, profile } = setup;
const consortium = createConsortium(nodeCrypto, setup.validators, profile);
const { chainId, genesis } = consortium;
const secret = consortium.keys.get(id)!;
const hash = profileHash(nodeCrypto, profile);

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const logTo = (level: string) => (fields: object, message: string) =>
  void process.stderr.write(`${level} ${message} ${text(fields)}\n`);
const logger = { info: () => {}, warn: logTo('warn'), error: logTo('error') };

function text(fields: object): string {
  return JSON.stringify(fields, (_, value: unknown) =>
    value instanceof Error
      ? { code: codeOf(value), message: value.message, stack: value.stack }
      : value,
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'internal';
}

// The node's own timers keep no process alive.
const alive = setInterval(() => {}, 2 ** 30);

async function open() {
  const guard = join(directory, 'guard');
  if (setup.isNew) {
    const publicKey = nodeCrypto.publicKeyOf(secret);
    await foundGuard({ disk: nodeDisk, path: guard, publicKey, chainId });
  }
  const onTail = (notice: object): void => logger.warn(notice, 'a file ended in a torn record');
  const signer = await openSigner({
    ...{ disk: nodeDisk, path: guard, secret, crypto: nodeCrypto, chainId, onTail },
  });
  const journal = await openJournal({
    ...{ disk: nodeDisk, directory: join(directory, 'journal'), onTail },
  });
  const transport = createTlsTransport({
    self: { id, key: signer.key, signHandshake: (bytes) => signer.signHandshake(bytes) },
    listen: setup.listen,
    peers: setup.peers,
    chainId,
    crypto: nodeCrypto,
    clock: systemClock,
    random: () => randomInt(2 ** 32) / 2 ** 32,
    logger,
  });
  const consensus = createSimplex({
    signer,
    journal,
    transport,
    random: () => randomInt(2 ** 32) / 2 ** 32,
    options: setup.simplex,
  });
  const node = await createNode({
    directory: join(directory, 'ledger'),
    genesis,
    crypto: nodeCrypto,
    clock: systemClock,
    logger,
    consensus,
  });
  return { node, consensus, signer, journal };
}

const { node, consensus, signer, journal } = await open();

function tellBlock(height: number, withTransactions: boolean): void {
  const block = node.block(height);
  if (block === undefined)
    throw new AppError('chaos/no-block', `Block ${height} is not in the log.`);
  const parts = ['block', height, bytesToHex(blockHash(hash, block.header))];
  if (withTransactions) {
    parts[0] = 'logged';
    parts.push(block.txs.map((tx) => bytesToHex(txId(hash, decodeTx(tx)))).join(','));
  }
  say(parts.join(' '));
}

// From a little below what was heard of this node before: its log must still say the same.
let told = Math.max(node.base(), Math.min(setup.from, node.height()) - 10);
function tellNew(): void {
  while (told < node.height()) tellBlock(++told, false);
}
tellNew();
node.subscribe(tellNew);

let loaded = true;
let stopping = false;
const run = bytesToHex(randomBytes(4));

async function submitAlways(submitter: number): Promise<void> {
  for (let n = 0; !stopping; n++) {
    await wait(1000 / (setup.tx_per_s / SUBMITTERS));
    if (!loaded) continue;
    try {
      const tx = consortium.admission(id, `g-${id}-${run}-${submitter}-${n}`, node.height());
      const { txId, height, ok, code } = await node.submit(tx);
      say(`ack ${bytesToHex(txId)} ${height} ${ok ? 'ok' : code}`);
    } catch (error) {
      say(`refused ${codeOf(error)}`);
      if (isAppError(error, 'node') || isAppError(error, 'engine')) return;
    }
  }
}

let lastStatus = '';
const statusTimer = setInterval(() => {
  const failure = node.failure();
  const status = consensus.status();
  if (status === undefined) return;
  const { slot, epoch, voting, peers, finalSlot, certifiedSlot, reason } = status;
  const line = JSON.stringify({
    height: node.height(),
    ...{ epoch, slot, finalSlot, certifiedSlot, voting },
    reason: reason === null ? null : `${reason.code}: ${reason.message}`,
    waiting: node.totals().mempool,
    peers: peers.map((peer) => peer.id),
    failure: failure === undefined ? null : `${failure.code}: ${causeOf(failure)}`,
  });
  if (line !== lastStatus) say(`status ${line}`);
  lastStatus = line;
}, STATUS_MS);

function causeOf(error: Error): string {
  const messages = [error.message];
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) {
    messages.push(cause.message);
  }
  return messages.join(' ← ');
}

async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  clearInterval(statusTimer);
  await node.close();
  await journal.close();
  await signer.close();
  say('stopped');
  clearInterval(alive);
  process.exit(0);
}

createInterface({ input: process.stdin })
  .on('line', (order) => {
    if (order === 'stop') void stop();
    else if (order === 'load on') loaded = true;
    else if (order === 'load off') loaded = false;
    else if (order === 'audit') {
      for (let height = node.base() + 1; height <= node.height(); height++) tellBlock(height, true);
      say(`audited ${node.height()}`);
    }
  })
  // Whoever started this is gone.
  .on('close', () => process.exit(1));

say('ready');
for (let i = 0; i < SUBMITTERS; i++) void submitAlways(i);
