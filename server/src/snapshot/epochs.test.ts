// Snapshots of a ledger whose validators changed, and a node that starts after an import that did not end.

import { createHash } from 'node:crypto';
import { type CborObject, publicKeyToValue, type SecretKey, signSeat } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { expect, test } from 'vitest';
import type { Ledger } from '../engine/ledger.ts';
import { importingWrite } from '../storage/founding.ts';
import { commitBlock } from '../testing/build.ts';
import { createMachine } from '../testing/machine.ts';
import { accountTx, createWorld, type World } from '../testing/world.ts';
import { exportSnapshot } from './export.ts';
import { importSnapshot } from './import.ts';
import { decodePiece, encodePiece } from './pieces.ts';

function rotation(world: World, id: string, secret: SecretKey): Uint8Array {
  const { key, proof } = signSeat(nodeCrypto, secret, { chainId: world.chainId, id });
  return world.sign(id, 'governance.rotate', { key: publicKeyToValue(key) as CborObject, proof });
}

function snapshotOf(ledger: Ledger): Uint8Array[] {
  const held = ledger.hold();
  const pieces = [...exportSnapshot(held, 500)];
  held.release();
  return pieces;
}

/** A ledger in its third epoch, and a snapshot after each of its blocks. */
async function history() {
  const world = createWorld();
  const ledger = await createMachine(world).open();
  const keys = new Map(world.keys);
  const snapshots: Uint8Array[][] = [];
  const add = async (tx: Uint8Array): Promise<void> => {
    await commitBlock(world, ledger, [tx], keys);
    snapshots.push(snapshotOf(ledger));
  };
  await add(accountTx(world, 'farm-1'));
  for (const id of ['association', 'carrier']) {
    const digest = createHash('sha256').update(`${id} 2`).digest();
    const secret: SecretKey = { suite: 'ed25519', secret: new Uint8Array(digest) };
    await add(rotation(world, id, secret));
    keys.set(id, secret);
    await add(accountTx(world, `farm-of-${id}`));
  }
  return { world, ledger, keys, snapshots };
}

test('a node founded at any block knows the epochs before it, and follows those after it', async () => {
  const { world, ledger, snapshots } = await history();
  for (const [i, pieces] of snapshots.entries()) {
    const machine = createMachine(world);
    const { genesis } = world;
    await importSnapshot({ db: machine.database.open(), genesis, crypto: nodeCrypto, pieces });
    const founded = await machine.open();
    expect(founded.base()).toBe(i + 1);
    for (let height = i + 2; height <= ledger.height(); height++) {
      await founded.host.take(ledger.block(height)!);
    }
    expect(founded.stateRoot()).toEqual(ledger.stateRoot());
    expect(founded.host.epoch()).toEqual(ledger.host.epoch());
    expect(founded.epochs()).toEqual(ledger.epochs());
    await founded.close();
  }
});

test('an end of an epoch left out shows, whether the head needs it or is it', async () => {
  const { world, snapshots } = await history();
  const codes: string[] = [];
  for (const pieces of snapshots) {
    const last = pieces.findLastIndex((piece) => decodePiece(piece).type === 'epochs');
    if (last === -1) continue;
    const piece = decodePiece(pieces[last]!);
    if (piece.type !== 'epochs') throw new Error('no epochs');
    const ends = piece.ends.slice(0, -1);
    const left = ends.length === 0 ? [] : [encodePiece({ type: 'epochs', ends })];
    const db = createMachine(world).database.open();
    const bent = [...pieces.slice(0, last), ...left, ...pieces.slice(last + 1)];
    await importSnapshot({ db, genesis: world.genesis, crypto: nodeCrypto, pieces: bent }).catch(
      ({ code }: { code: string }) => codes.push(code),
    );
  }
  expect(codes).toEqual([
    'snapshot/epochs',
    'ledger/other-validators',
    'snapshot/epochs',
    'ledger/other-validators',
  ]);
});

test('a node that starts after an import that did not end begins at the genesis', async () => {
  const { world, snapshots } = await history();
  const machine = createMachine(world);
  const db = machine.database.open();
  const { genesis } = world;
  await importSnapshot({ db, genesis, crypto: nodeCrypto, pieces: snapshots[2]! });
  // As in the moment before the last write.
  await db.write([importingWrite(true)]);
  const ledger = await machine.open();
  expect(ledger.height()).toBe(0);
  expect(ledger.base()).toBe(0);
  expect(ledger.read('accounts/farm-1')).toBeUndefined();
  await commitBlock(world, ledger, [accountTx(world, 'farm-9')]);
  expect(ledger.height()).toBe(1);
});
