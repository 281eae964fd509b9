// The driver upon the real engine, rules and signatures, in virtual time.

import { bytesToHex, encodeCbor, type SecretKey } from '@suyuan/contracts';
import { createMemoryDisk } from '@suyuan/durable';
import { afterEach, expect, it } from 'vitest';
import { type Ledger, openLedger } from '../../engine/ledger.ts';
import { silentLogger } from '../../engine/logger.ts';
import { createMemoryDatabase } from '../../storage/memory-database.ts';
import { accountTx, createWorld, type World } from '../../testing/world.ts';
import { openJournal } from '../journal/index.ts';
import { foundGuard, openSigner } from '../signer/index.ts';
import { chance } from '../testing/cluster.ts';
import { createVirtualTime, type VirtualTime } from '../testing/time.ts';
import { createMemoryNetwork, type MemoryNetwork } from '../transport/memory.ts';
import { createSimplex, type Simplex } from './index.ts';

interface Node {
  ledger: Ledger;
  simplex: Simplex;
  stop(): Promise<void>;
}

const open: Node[] = [];
const IDS = ['association', 'regulator', 'bureau', 'carrier'];

afterEach(async () => {
  for (const node of open.splice(0)) await node.stop();
});

function machine(world: World, time: VirtualTime, network: MemoryNetwork, seed: number) {
  const disk = createMemoryDisk(chance(seed));
  const database = createMemoryDatabase();
  const clock = time.clock();
  return {
    async start(secret: SecretKey, path = '/node/guard'): Promise<Node> {
      const { crypto, chainId } = world;
      const key = crypto.publicKeyOf(secret);
      const ledger = await openLedger({
        directory: '/node',
        genesisBytes: world.genesis,
        crypto,
        clock,
        logger: silentLogger,
        disk,
        openDatabase: async () => database.open(),
      });
      const exists = await disk.open(path, 'existing').then(
        (file) => file.close().then(() => true),
        () => false,
      );
      if (!exists) await foundGuard({ disk, path, publicKey: key, chainId });
      const signer = await openSigner({ disk, path, secret, crypto, chainId });
      const journal = await openJournal({ disk, directory: '/node/journal' });
      const simplex = createSimplex({
        signer,
        journal,
        transport: network.join({ key }),
        random: chance(seed),
      });
      await simplex.start(ledger.host);
      let stopped = false;
      const node: Node = {
        ledger,
        simplex,
        async stop() {
          if (stopped) return;
          stopped = true;
          ledger.shut();
          await simplex.stop();
          await signer.close();
          await journal.close();
          await ledger.close();
        },
      };
      open.push(node);
      return node;
    },
  };
}

async function consortium(world: World) {
  const time = createVirtualTime();
  const network = createMemoryNetwork({ defer: time.defer, logger: silentLogger });
  const machines = IDS.map((_, i) => machine(world, time, network, i + 1));
  const nodes: Node[] = [];
  for (const [i, one] of machines.entries()) nodes.push(await one.start(world.keys.get(IDS[i]!)!));
  return { time, machines, nodes };
}

async function submitted(time: VirtualTime, node: Node, txs: readonly Uint8Array[]) {
  let done = 0;
  const codes: string[] = [];
  for (const tx of txs) {
    node.ledger.submit(tx).then(
      ({ code }) => {
        codes.push(code);
        done += 1;
      },
      (error: { code: string }) => {
        codes.push(error.code);
        done += 1;
      },
    );
  }
  await time.until(() => done === txs.length);
  return codes;
}

async function level(time: VirtualTime, nodes: readonly Node[]): Promise<void> {
  const top = Math.max(...nodes.map(({ ledger }) => ledger.host.head().height));
  await time.until(() => nodes.every(({ ledger }) => ledger.height() >= top));
  const roots = nodes.map(({ ledger }) => bytesToHex(ledger.stateRoot()));
  expect(new Set(roots).size).toBe(1);
  for (const { ledger } of nodes) expect(ledger.failure()).toBeUndefined();
}

it('four nodes run the rules alike, one after a restart too', async () => {
  const world = createWorld();
  const { time, machines, nodes } = await consortium(world);
  const ids = ['g-one', 'g-two', 'g-three', 'g-four'];
  for (const [i, id] of ids.entries()) {
    expect(await submitted(time, nodes[i]!, [accountTx(world, id)])).toEqual(['']);
  }
  await level(time, nodes);
  await nodes[2]?.stop();
  expect(await submitted(time, nodes[0]!, [accountTx(world, 'g-five')])).toEqual(['']);
  nodes[2] = await machines[2]!.start(world.keys.get(IDS[2]!)!);
  const { height } = nodes[0]!.ledger.host.head();
  await time.until(() => nodes[2]!.ledger.height() >= height);
  expect(await submitted(time, nodes[2]!, [accountTx(world, 'g-six')])).toEqual(['']);
  await level(time, nodes);
});

it('a validator changes its key through a block that ends the epoch', async () => {
  const world = createWorld();
  const { time, machines, nodes } = await consortium(world);
  const secret: SecretKey = { suite: 'ed25519', secret: new Uint8Array(32).fill(9) };
  const key = world.crypto.publicKeyOf(secret);
  const proof = world.crypto.sign(
    secret,
    encodeCbor([
      'suyuan/validator/1',
      world.chainId,
      'carrier',
      { suite: key.suite, key: key.bytes },
    ]),
  );
  const payload = { key: { suite: key.suite, key: key.bytes }, proof };
  const txs = [world.sign('carrier', 'governance.rotate', payload), accountTx(world, 'g-seven')];
  expect((await submitted(time, nodes[0]!, txs)).sort()).toEqual(['', '']);
  await time.until(() => nodes.every(({ simplex }) => simplex.status().epoch === 1));
  expect(nodes[3]?.simplex.status()).toMatchObject({ self: null, voting: false });
  expect(nodes[0]?.ledger.epochs()).toHaveLength(1);
  await nodes[3]?.stop();
  nodes[3] = await machines[3]!.start(secret, '/node/guard-2');
  expect(nodes[3].simplex.status()).toMatchObject({ epoch: 1, self: 'carrier', voting: true });
  await nodes[1]?.stop();
  expect(await submitted(time, nodes[0]!, [accountTx(world, 'g-eight')])).toEqual(['']);
  await level(time, [nodes[0]!, nodes[2]!, nodes[3]]);
});
