// Block sync between real ledgers.

import { createHash } from 'node:crypto';
import {
  type Block,
  type CborObject,
  encodeBlock,
  publicKeyToValue,
  RULE_REGISTRY,
  type RuleRegistry,
  type SecretKey,
  signSeat,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { expect, test } from 'vitest';
import type { Ledger, LedgerOptions } from '../../engine/ledger.ts';
import { commitBlock } from '../../testing/build.ts';
import { createMachine } from '../../testing/machine.ts';
import { accountTx, createWorld } from '../../testing/world.ts';
import { createBlockSync } from './block-sync.ts';
import { decodeSyncMessage, encodeSyncMessage } from './messages.ts';
import type { ChannelProtocol } from './port.ts';
import { createVirtualClock } from './testing/virtual-clock.ts';
import { createWire } from './testing/wire.ts';

const world = createWorld();

async function source(): Promise<Ledger> {
  const ledger = await createMachine(world).open();
  const keys = new Map(world.keys);
  for (let i = 0; i < 5; i++) await commitBlock(world, ledger, [accountTx(world, `a-${i}`)], keys);
  const digest = createHash('sha256').update('association 2').digest();
  const secret: SecretKey = { suite: 'ed25519', secret: new Uint8Array(digest) };
  const { key, proof } = signSeat(nodeCrypto, secret, {
    chainId: world.chainId,
    id: 'association',
  });
  const payload = { key: publicKeyToValue(key) as CborObject, proof };
  await commitBlock(world, ledger, [world.sign('association', 'governance.rotate', payload)], keys);
  keys.set('association', secret);
  for (let i = 5; i < 9; i++) await commitBlock(world, ledger, [accountTx(world, `a-${i}`)], keys);
  return ledger;
}

async function follower(options: Partial<LedgerOptions> = {}) {
  const clock = createVirtualClock();
  const wire = createWire(clock);
  const ends: number[] = [];
  async function join(id: string, ledger: Ledger): Promise<void> {
    const sync = createBlockSync({
      host: { ...ledger.host, clock },
      send: wire.sender(id),
      peers: () => [],
      blame: wire.blamer(id),
      random: () => 0,
      onTaken: ({ height, endsEpoch }) => void (endsEpoch && ends.push(height)),
    });
    wire.join(id, sync);
  }
  const ledger = await createMachine(world).open(options);
  await join('new', ledger);
  return { clock, wire, ends, ledger, join };
}

test('a new node follows through a change of validators', async () => {
  const full = await source();
  const { clock, wire, ends, ledger, join } = await follower();
  await join('full', full);
  wire.connect('full', 'new');
  // The engine has turns of its own, which the virtual clock does not know of.
  for (let i = 0; i < 50_000 && ledger.height() < full.height(); i++) await clock.pass(20);
  expect(ledger.height()).toBe(full.height());
  expect(ledger.stateRoot()).toEqual(full.stateRoot());
  expect(ledger.host.epoch()).toEqual(full.host.epoch());
  expect(ends).toEqual([6]);
  expect(wire.blames).toEqual([]);
});

test('a certified block that is wrong here stops the node, with both state roots', async () => {
  const full = await source();
  const nothing = { apply: () => ({ writes: [], events: [] }) };
  const rules: RuleRegistry = {
    ...RULE_REGISTRY,
    modules: RULE_REGISTRY.modules.map((module) => {
      const register = module.actions.register;
      if (module.name !== 'accounts' || register === undefined) return module;
      return { ...module, actions: { ...module.actions, register: { ...register, ...nothing } } };
    }),
  };
  const { clock, wire, ledger, join } = await follower({ rules });
  await join('full', full);
  wire.connect('full', 'new');
  for (let i = 0; i < 50_000 && ledger.failure() === undefined; i++) await clock.pass(20);
  expect(ledger.height()).toBe(0);
  const failure = ledger.failure();
  expect(failure).toMatchObject({ code: 'consensus/diverged' });
  expect(failure?.message).toMatch(/state root is [0-9a-f]{64}, executing it gives [0-9a-f]{64}/);
  expect(wire.blames).toEqual([]);
});

const bent: [string, (block: Block) => Block][] = [
  ['other transactions', (block) => ({ ...block, txs: [accountTx(world, 'other')] })],
  ['no transactions', (block) => ({ ...block, txs: [], receipts: [] })],
  ['other receipts', (block) => ({ ...block, receipts: [Uint8Array.of(1)] })],
  ['a via that leads nowhere', (block) => ({ ...block, via: [block.header] })],
  ['no certificate', (block) => ({ ...block, certificate: Uint8Array.of(0x80) })],
];
test.each(bent)('a certified header with %s is the fault of the peer', async (_, bend) => {
  const full = await source();
  const { clock, wire, ledger } = await follower();
  const send = wire.sender('liar');
  const liar: ChannelProtocol = {
    onConnected: () => {},
    onDisconnected: () => {},
    onMessage() {
      const blocks = [encodeBlock(bend(full.block(1)!))];
      send('new', encodeSyncMessage({ type: 'blocks', from: 1, blocks }));
    },
    stop: async () => {},
  };
  wire.join('liar', liar);
  wire.connect('liar', 'new');
  const blockHash = new Uint8Array(32);
  send('new', encodeSyncMessage({ type: 'status', height: 99, blockHash, epoch: 0, base: 0 }));
  for (let i = 0; i < 50_000 && wire.blames.length === 0; i++) await clock.pass(20);
  expect(ledger.height()).toBe(0);
  expect(ledger.failure()).toBeUndefined();
  expect(wire.blames).toHaveLength(1);
});

test('a stranger gives each block under the certificate of the next: the node follows, and is there after it', async () => {
  const full = await createMachine(world).open();
  for (let i = 0; i < 70; i++) await commitBlock(world, full, [], new Map(world.keys));
  const { clock, wire, ledger, join } = await follower();
  const send = wire.sender('liar');
  wire.join(
    'liar',
    {
      onConnected: () => {},
      onDisconnected: () => {},
      onMessage(_, bytes) {
        const message = decodeSyncMessage(bytes);
        if (message.type !== 'get') return;
        const blocks: Uint8Array[] = [];
        for (let height = message.from; height < 70; height++) {
          const { certificate, header } = full.block(height + 1)!;
          blocks.push(encodeBlock({ ...full.block(height)!, certificate, via: [header] }));
        }
        send('new', encodeSyncMessage({ type: 'blocks', from: message.from, blocks }));
      },
      stop: async () => {},
    },
    { validator: false },
  );
  wire.connect('liar', 'new');
  const blockHash = new Uint8Array(32);
  send('new', encodeSyncMessage({ type: 'status', height: 70, blockHash, epoch: 0, base: 0 }));
  for (let i = 0; i < 5_000 && ledger.host.head().height < 69; i++) await clock.pass(20);
  expect(ledger.height()).toBe(68);
  await join('full', full);
  wire.connect('full', 'new');
  for (let i = 0; i < 5_000 && ledger.height() < 70; i++) await clock.pass(20);
  expect(ledger.stateRoot()).toEqual(full.stateRoot());
  expect(ledger.failure()).toBeUndefined();
});
