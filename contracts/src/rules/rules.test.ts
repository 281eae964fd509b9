import { describe, expect, it } from 'vitest';
import { portableCrypto } from '../crypto/portable.ts';
import { encodeCbor } from '../encoding/cbor.ts';
import type { CborObject } from '../encoding/types.ts';
import { decodeTx, encodeTx, txId } from '../ledger/tx.ts';
import { leafHash } from '../merkle/log-hash.ts';
import { logRoot } from '../merkle/log-tree.ts';
import { createTestChain, type TestChain, testSecret } from '../testing/test-chain.ts';
import { getAnchorLog } from './anchors/anchor.ts';
import { getDevice } from './devices/device.ts';
import { executeTx } from './execute.ts';
import { unitLeaf } from './labels/label.ts';
import { getLot } from './lots/lot.ts';

const GTIN = '06901234500004';
const PLOT = '6901234500103';
const STORE = '6901234500202';

function names(en: string): CborObject {
  return { zh: en, en };
}

/** A chain with a cooperative that holds a plot and a warehouse, and one product. */
function cooperative(): TestChain {
  const chain = createTestChain();
  chain.addAccount('coop', ['grower', 'processor']);
  chain.addAccount('gw', ['gateway']);
  chain.must('association', 'products', 'register', {
    gtin: GTIN,
    name: names('peel'),
    category: 'food',
    regime: 'none',
    unit: 'g',
  });
  chain.must('association', 'places', 'register', {
    gln: PLOT,
    kind: 'plot',
    name: names('plot'),
    township: names('town'),
    holder: 'coop',
  });
  chain.must('coop', 'places', 'register', {
    gln: STORE,
    kind: 'warehouse',
    name: names('store'),
    township: names('town'),
    holder: 'coop',
  });
  return chain;
}

function harvest(chain: TestChain, lot: string, amount: number): string {
  return chain.run('coop', 'lots', 'harvest', { gtin: GTIN, lot, place: PLOT, amount }).code;
}

function age(chain: TestChain, from: string, to: string, in_g: number, out_g: number): string {
  return chain.run('coop', 'lots', 'transform', {
    inputs: [{ gtin: GTIN, lot: from, amount: in_g }],
    outputs: [{ gtin: GTIN, lot: to, amount: out_g }],
    place: STORE,
    process: 'age',
  }).code;
}

function labels(chain: TestChain, lot: string, batch: string, count: number, net: number): string {
  const root = logRoot(chain.hash, [leafHash(chain.hash, unitLeaf(GTIN, lot, 'S1'))]);
  return chain.run('coop', 'labels', 'issue', { gtin: GTIN, lot, batch, root, count, net }).code;
}

describe('admission of transactions', () => {
  const chain = cooperative();
  const content = {
    secret: chain.keyOf('coop'),
    signer: 'coop',
    chainId: chain.chainId,
    module: 'lots',
    action: 'harvest',
    payload: { gtin: GTIN, lot: 'A', place: PLOT, amount: 5 } as CborObject,
    idempotencyKey: new Uint8Array(16).fill(7),
    validUntilHeight: chain.height + 10,
  };
  function admit(change: Partial<typeof content>, spent = false) {
    const tx = decodeTx(encodeTx(portableCrypto, { ...content, ...change }));
    const ctx = {
      hash: chain.hash,
      crypto: portableCrypto,
      chainId: chain.chainId,
      height: chain.height + 1,
      time_ms: chain.time_ms + 1,
      txId: txId(chain.hash, tx),
    };
    const state = spent
      ? {
          ...chain.state,
          get: (key: string) => (key.startsWith('tx-keys/') ? [ctx.txId, 1] : chain.state.get(key)),
        }
      : chain.state;
    return () => executeTx(state, tx, ctx);
  }

  it('accepts the transaction that the others are bent from', () => {
    expect(admit({})().receipt).toMatchObject({ ok: true, code: '' });
  });

  it.each([
    ['another chain', { chainId: new Uint8Array(32) }, 'tx/other-chain'],
    ['an expired height', { validUntilHeight: 1 }, 'tx/expired'],
    ['validity too far ahead', { validUntilHeight: 1_000_000 }, 'tx/valid-too-long'],
    ['an unknown signer', { signer: 'nobody' }, 'tx/unknown-signer'],
    ['a foreign key', { secret: testSecret('ed25519', 'thief') }, 'tx/bad-signature'],
    [
      'another suite than the account has',
      { secret: testSecret('es256', 'coop') },
      'tx/bad-signature',
    ],
  ])('refuses %s', (_, change, code) => {
    expect(admit(change)).toThrow(expect.objectContaining({ code }));
  });

  it('refuses a spent idempotency key', () => {
    expect(admit({}, true)).toThrow(expect.objectContaining({ code: 'tx/duplicate-key' }));
  });

  it.each([
    ['an unknown module', { module: 'magic' }, 'rules/unknown-module'],
    ['a module from the prototype', { module: 'toString' }, 'rules/unknown-module'],
    ['an unknown action', { action: 'conjure' }, 'rules/unknown-action'],
    ['an action from the prototype', { action: 'constructor' }, 'rules/unknown-action'],
    ['a missing field', { payload: { gtin: GTIN } }, 'rules/bad-payload'],
    ['an unknown field', { payload: { ...content.payload, bonus: 1 } }, 'rules/bad-payload'],
    ['negative grams', { payload: { ...content.payload, amount: -5 } }, 'rules/bad-payload'],
    [
      '2^53 − 1 grams',
      { payload: { ...content.payload, amount: Number.MAX_SAFE_INTEGER } },
      'rules/bad-payload',
    ],
    [
      'a wrong check digit',
      { payload: { ...content.payload, gtin: '06901234500005' } },
      'rules/bad-payload',
    ],
  ])('puts %s on record as refused, with the key spent', (_, change, code) => {
    const { receipt, writes } = admit(change)();
    expect(receipt).toMatchObject({ ok: false, code });
    expect(writes.map((w) => w.key)).toEqual([expect.stringMatching(/^tx-keys\/coop\//)]);
  });

  it('stops a frozen account and lets it go on when restored', () => {
    const own = cooperative();
    own.must('regulator', 'accounts', 'set-status', { id: 'coop', status: 'frozen' });
    expect(() => harvest(own, 'A', 5)).toThrow(
      expect.objectContaining({ code: 'tx/frozen-signer' }),
    );
    own.must('regulator', 'accounts', 'set-status', { id: 'coop', status: 'active' });
    expect(harvest(own, 'A', 5)).toBe('');
  });
});

describe('accounts', () => {
  it('are admitted by organisations that answer for them, and those by the regulator only', () => {
    const chain = cooperative();
    const key = { suite: 'ed25519', key: new Uint8Array(32).fill(1) };
    const register = (by: string, roles: string[]) =>
      chain.run(by, 'accounts', 'register', { id: 'new-one', roles, name: names('n'), key }).code;
    expect(register('coop', ['grower'])).toBe('rules/role-needed');
    expect(register('association', ['bureau'])).toBe('rules/role-needed');
    expect(register('association', ['grower'])).toBe('');
    expect(register('association', ['grower'])).toBe('accounts/exists');
  });

  it('of a regulator keep their key out of another regulator’s hands', () => {
    const chain = cooperative();
    chain.addAccount('regulator-2', ['regulator']);
    const key = { suite: 'ed25519', key: new Uint8Array(32).fill(1) };
    expect(chain.run('regulator-2', 'accounts', 'set-key', { id: 'regulator', key }).code).toBe(
      'accounts/regulator-key',
    );
  });

  it('get a new key from themselves or the regulator, nobody else', () => {
    const chain = cooperative();
    const fresh = testSecret('ed25519', 'fresh');
    const { suite, bytes } = portableCrypto.publicKeyOf(fresh);
    const setKey = (by: string) =>
      chain.run(by, 'accounts', 'set-key', { id: 'coop', key: { suite, key: bytes } }).code;
    expect(setKey('association')).toBe('rules/role-needed');
    expect(setKey('regulator')).toBe('');
    expect(() => harvest(chain, 'A', 5)).toThrow(
      expect.objectContaining({ code: 'tx/bad-signature' }),
    );
    chain.setKey('coop', fresh);
    expect(harvest(chain, 'A', 5)).toBe('');
  });
});

describe('labels', () => {
  it('never weigh more than the lot has left', () => {
    const chain = cooperative();
    harvest(chain, 'A', 1000);
    expect(labels(chain, 'A', 'L1', 5, 250)).toBe('labels/beyond-mass');
    expect(labels(chain, 'A', 'L1', 3, 250)).toBe('');
    expect(labels(chain, 'A', 'L2', 2, 250)).toBe('labels/beyond-mass');
    expect(labels(chain, 'A', 'L1', 1, 250)).toBe('labels/exists');
    expect(age(chain, 'A', 'B', 251, 251)).toBe('lots/insufficient-mass');
    expect(getLot(chain.state, GTIN, 'A')).toMatchObject({ left: 250, labelled: 750 });
  });

  it('refuse a batch of another lot and a count beyond the limit', () => {
    const chain = cooperative();
    expect(labels(chain, 'nope', 'L1', 1, 1)).toBe('lots/unknown');
    harvest(chain, 'A', 1000);
    expect(labels(chain, 'A', 'L1', 1_000_001, 1)).toBe('rules/bad-payload');
  });
});

describe('devices', () => {
  it('move forwards in time and are revoked for good', () => {
    const chain = cooperative();
    const key = { suite: 'es256', key: new Uint8Array(33).fill(2) };
    chain.must('coop', 'devices', 'register', {
      id: 'ROOM-1',
      key,
      holder: 'coop',
      interval_s: 900,
      quantities: ['humidity'],
      place: STORE,
    });
    chain.advance(10_000);
    const from = chain.time_ms - 3_600_000;
    expect(chain.run('bureau', 'devices', 'assign', { id: 'ROOM-1', place: PLOT, from }).code).toBe(
      'devices/backwards',
    );
    expect(chain.run('gw', 'devices', 'assign', { id: 'ROOM-1', place: PLOT }).code).toBe(
      'rules/not-holder',
    );
    expect(chain.run('coop', 'devices', 'assign', { id: 'ROOM-1', place: PLOT }).code).toBe('');
    expect(getDevice(chain.state, 'ROOM-1')?.assignments).toMatchObject([
      { place: STORE },
      { place: PLOT },
    ]);
    expect(chain.run('coop', 'devices', 'revoke', { id: 'ROOM-1' }).code).toBe('');
    expect(chain.run('coop', 'devices', 'assign', { id: 'ROOM-1', place: STORE }).code).toBe(
      'devices/revoked',
    );
  });
});

describe('devices of others', () => {
  it('cannot be put into a room, nor moved there, nor moved backwards', () => {
    const chain = cooperative();
    chain.addAccount('evil', ['carrier']);
    const device = {
      id: 'EVIL-1',
      key: { suite: 'es256', key: new Uint8Array(33).fill(2) },
      holder: 'evil',
      interval_s: 900,
      quantities: ['humidity'],
    };
    const at = { ...device, place: STORE };
    expect(chain.run('evil', 'devices', 'register', at).code).toBe('rules/foreign-place');
    expect(chain.run('evil', 'devices', 'register', device).code).toBe('');
    const move = { id: 'EVIL-1', place: STORE };
    expect(chain.run('evil', 'devices', 'assign', move).code).toBe('rules/foreign-place');
    expect(chain.run('bureau', 'devices', 'assign', move).code).toBe('');
    chain.must('coop', 'devices', 'register', { ...at, id: 'ROOM-9', holder: 'coop' });
    chain.advance(100_000);
    const back = { id: 'ROOM-9', place: PLOT, from: chain.time_ms - 50_000 };
    expect(chain.run('coop', 'devices', 'assign', back).code).toBe('rules/role-needed');
    expect(chain.run('bureau', 'devices', 'assign', back).code).toBe('');
  });
});

describe('anchors', () => {
  it('form one log whose root is the RFC 9162 root of its leaves', () => {
    const chain = cooperative();
    const leaves: Uint8Array[] = [];
    for (let batch = 0; batch < 5; batch += 1) {
      const receipt = chain.must('gw', 'anchors', 'commit', commit(chain, batch));
      leaves.push(leafHash(chain.hash, receipt.events[0]?.data.leaf as Uint8Array));
    }
    expect(getAnchorLog(chain.state, 'gw')?.root).toEqual(logRoot(chain.hash, leaves));
  });

  it('come in order, from a gateway, and not from the future', () => {
    const chain = cooperative();
    const run = (by: string, change: CborObject) =>
      chain.run(by, 'anchors', 'commit', { ...commit(chain, 0), ...change }).code;
    expect(run('coop', {})).toBe('rules/role-needed');
    expect(run('gw', { batch: 1 })).toBe('anchors/out-of-order');
    expect(run('gw', { to: chain.time_ms - 1 })).toBe('anchors/bad-time');
    expect(run('gw', { map: new Uint8Array(32) })).toBe('rules/bad-payload');
    expect(run('gw', {})).toBe('');
    expect(run('gw', {})).toBe('anchors/out-of-order');
  });

  function commit(chain: TestChain, batch: number): CborObject {
    const root = chain.hash(encodeCbor(batch));
    return { v: 1, batch, root, count: 3, from: chain.time_ms, to: chain.time_ms, map: null };
  }
});
