// The ledger changes who votes and which rules it runs, by its own transactions.

import { createHash } from 'node:crypto';
import {
  advanceEpoch,
  bytesToHex,
  type CborObject,
  decodeHeader,
  publicKeyToValue,
  RULE_REGISTRY,
  type RuleRegistry,
  type SecretKey,
  signSeat,
  trustGenesis,
  verifyHeader,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { expect, test } from 'vitest';
import { stateReader } from '../storage/state.ts';
import { buildBlock, commitBlock } from '../testing/build.ts';
import { certify, createMachine, withVersion } from '../testing/machine.ts';
import { accountTx, createWorld, type World } from '../testing/world.ts';
import type { Ledger } from './ledger.ts';

function newSecret(name: string): SecretKey {
  return { suite: 'ed25519', secret: new Uint8Array(createHash('sha256').update(name).digest()) };
}

function rotation(world: World, id: string, secret: SecretKey): Uint8Array {
  const { key, proof } = signSeat(nodeCrypto, secret, { chainId: world.chainId, id });
  return world.sign(id, 'governance.rotate', { key: publicKeyToValue(key) as CborObject, proof });
}

/** A ledger in its third epoch: one validator changed its key, another left its place to a newcomer's. */
async function twoEpochs() {
  const world = createWorld();
  const machine = createMachine(world);
  const ledger = await machine.open();
  const keys = new Map(world.keys);
  await commitBlock(world, ledger, [accountTx(world, 'farm-1')]);
  for (const id of ['association', 'carrier']) {
    const secret = newSecret(`${id} 2`);
    await commitBlock(world, ledger, [rotation(world, id, secret)], keys);
    keys.set(id, secret);
    await commitBlock(world, ledger, [accountTx(world, `farm-of-${id}`)], keys);
  }
  return { world, machine, ledger, keys };
}

test('a key that changes ends the epoch: nothing stands upon that block before it is committed, and then the new set votes', async () => {
  const world = createWorld();
  const ledger = await createMachine(world).open();
  const { host } = ledger;
  await commitBlock(world, ledger, []);
  const secret = newSecret('association 2');
  const block = await buildBlock(ledger, [rotation(world, 'association', secret)]);
  expect(block.endsEpoch).toBe(true);
  await expect(buildBlock(ledger, [], block.blockHash)).rejects.toMatchObject({
    code: 'ledger/bad-block',
  });
  expect(host.epoch()).toMatchObject({ epoch: 0, root: world.chainId, firstHeight: 1 });
  await host.commit(block.blockHash, certify(world, ledger, block.blockHash, 1));
  expect(host.epoch()).toMatchObject({ epoch: 1, root: block.blockHash, firstHeight: 3 });
  expect(host.epoch().validators[0]?.key).toEqual(nodeCrypto.publicKeyOf(secret));

  const next = await buildBlock(ledger, []);
  // Three of the old keys are no quorum of the new set: the first of them signs under a key that is gone.
  await expect(
    host.commit(next.blockHash, certify(world, ledger, next.blockHash, 0)),
  ).rejects.toMatchObject({ code: 'certificate/bad-signature' });
  const keys = new Map(world.keys).set('association', secret);
  await host.commit(next.blockHash, certify(world, ledger, next.blockHash, 0, keys));
  expect(ledger.height()).toBe(3);
});

async function walks({ world, ledger }: { world: World; ledger: Ledger }): Promise<void> {
  let { trusted } = trustGenesis(nodeCrypto, ledger.genesis, world.chainId);
  expect(ledger.epochs().length).toBe(2);
  for (const end of ledger.epochs()) trusted = advanceEpoch(nodeCrypto, trusted, end);
  const proven = ledger.proveKeys(['accounts/farm-1']);
  expect(verifyHeader(nodeCrypto, trusted, proven).stateRoot).toEqual(ledger.stateRoot());
}

test.each([0, 1, 3, 4, 64])(
  'the ends of epochs lead a light client from the genesis to the head, with %i of the writes left after a crash too',
  async (keep) => {
    const { world, machine, ledger } = await twoEpochs();
    await walks({ world, ledger });
    const before = { root: ledger.stateRoot(), epoch: ledger.host.epoch() };
    machine.database.crash(keep);
    const again = await machine.open();
    expect({ root: again.stateRoot(), epoch: again.host.epoch() }).toEqual(before);
    await walks({ world, ledger: again });
  },
);

test('another node takes the blocks of three epochs', async () => {
  const { world, ledger } = await twoEpochs();
  const other = await createMachine(world).open();
  for (let height = 1; height <= ledger.height(); height += 1) {
    await other.host.take(ledger.host.block(height)!);
  }
  expect(other.host.epoch()).toEqual(ledger.host.epoch());
  expect(other.epochs()).toEqual(ledger.epochs());
  await walks({ world, ledger: other });
});

const ARTIFACT = new Uint8Array(32).fill(5);
const BEFORE: RuleRegistry = { ...RULE_REGISTRY, noticeBlocks: 2 };
const AFTER = withVersion(BEFORE, 'products', 2);
const HEIGHT = 6;

/** Blocks up to the one before the upgrade, on a node that has what it needs. */
async function beforeUpgrade() {
  const world = createWorld();
  const machine = createMachine(world);
  const ledger = await machine.open({ rules: AFTER });
  const change = { kind: 'upgrade', module: 'products', version: 2, artifact: ARTIFACT };
  const proposal = { id: 'products-2', change: { ...change, height: HEIGHT } };
  await commitBlock(world, ledger, [world.sign('association', 'governance.propose', proposal)]);
  const approve = (id: string) => world.sign(id, 'governance.approve', { id: 'products-2' });
  await commitBlock(world, ledger, [approve('regulator'), approve('bureau')]);
  while (ledger.height() < HEIGHT - 1) {
    await commitBlock(world, ledger, [accountTx(world, `farm-${ledger.height()}`)]);
  }
  return { world, machine, ledger };
}

test('an upgrade takes effect at its height without a pause, and the old rules stay for what was before', async () => {
  const { world, machine, ledger } = await beforeUpgrade();
  const rules = () => decodeHeader(ledger.block(ledger.height())!.header).rules;
  const old = rules();
  await commitBlock(world, ledger, [accountTx(world, 'farm-after')]);
  expect(rules()).toBe(old + 1);
  await commitBlock(world, ledger, []);
  expect(rules()).toBe(old + 1);
  const inForce = (height: number) => ledger.rulesOf(stateReader(ledger.db), height).version;
  expect(inForce(ledger.height() + 1)).toBe(old + 1);
  machine.database.crash(0);
  const again = await machine.open({ rules: AFTER });
  expect(again.stateRoot()).toEqual(ledger.stateRoot());
});

test('a node without the version stops at the height, says which it needs, still answers, and goes on when it has it', async () => {
  const { world, ledger } = await beforeUpgrade();
  await commitBlock(world, ledger, [accountTx(world, 'farm-after')]);
  const machine = createMachine(world);
  const old = await machine.open({ rules: BEFORE });
  for (let height = 1; height < HEIGHT; height += 1) {
    await old.host.take(ledger.host.block(height)!);
  }
  expect(old.failure()).toBeUndefined();
  const missing = {
    code: 'node/missing-rules',
    details: { module: 'products', version: 2, artifact: bytesToHex(ARTIFACT), next: HEIGHT },
  };
  await expect(old.host.take(ledger.host.block(HEIGHT)!)).rejects.toMatchObject(missing);
  expect(old.failure()).toMatchObject(missing);
  await expect(old.submit(accountTx(world, 'late'))).rejects.toMatchObject(missing);
  expect(old.height()).toBe(HEIGHT - 1);
  expect(old.proveKeys(['accounts/farm-3']).entries[0]?.value).not.toBeNull();
  // It says so at its start too, before anybody asks for a block.
  const again = await machine.open({ rules: BEFORE });
  expect(again.failure()).toMatchObject(missing);
  const fitted = await machine.open({ rules: AFTER });
  expect(fitted.failure()).toBeUndefined();
  await fitted.host.take(ledger.host.block(HEIGHT)!);
  expect(fitted.stateRoot()).toEqual(ledger.stateRoot());
});

test('a version of another artifact than the consortium agreed on is as good as none', async () => {
  const { world, ledger } = await beforeUpgrade();
  await commitBlock(world, ledger, []);
  const artifactOf = (module: string, version: number) =>
    module === 'products' && version === 2 ? 'ab'.repeat(32) : undefined;
  const other = await createMachine(world).open({ rules: AFTER, artifactOf });
  for (let height = 1; height < HEIGHT; height += 1) {
    await other.host.take(ledger.host.block(height)!);
  }
  await expect(other.host.take(ledger.host.block(HEIGHT)!)).rejects.toMatchObject({
    code: 'node/missing-rules',
    details: { artifact: bytesToHex(ARTIFACT), found: 'ab'.repeat(32) },
  });
  const same = await createMachine(world).open({
    rules: AFTER,
    artifactOf: (module, version) =>
      module === 'products' && version === 2 ? bytesToHex(ARTIFACT) : undefined,
  });
  for (let height = 1; height <= HEIGHT; height += 1) {
    await same.host.take(ledger.host.block(height)!);
  }
  expect(same.height()).toBe(HEIGHT);
});
