// Signatures a second over the packs of 100 devices: ours beside the bare loop of the library that does the work.

import { createPublicKey, type KeyObject, verify as nodeVerify } from 'node:crypto';
import {
  bytesToHex,
  type DecodedPack,
  decodePack,
  type PublicKey,
  portableCrypto,
  type SuiteName,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import type { Bench, BenchOptions, BenchRow } from './bench.ts';
import { thousands } from './bench.ts';
import { inTurns, rateOf, rateOfAsync } from './measure.ts';
import { nobleEd25519, nobleP256, smCrypto } from './peers.ts';
import { BenchDevice } from './signer.ts';

const DEVICES = 100;
/** So that no thread of the pool waits for the next one. */
const AT_ONCE = 64;
/** Signatures of one key until its table is there. */
const WARM_UP = 8;
const LIMIT_ROUND_MS = 50;

export interface Signed {
  readonly key: PublicKey;
  readonly pack: DecodedPack;
}

/** One pack of each device. */
export function signedPacks(suite: SuiteName): Signed[] {
  return Array.from({ length: DEVICES }, (_, i) => {
    const device = new BenchDevice(suite, i);
    const pack = decodePack(device.sign(1, Date.now()));
    return { key: nodeCrypto.publicKeyOf(device.secret), pack };
  });
}

/** A run that checks one signature; throws when it does not hold, for then nothing was measured. */
export function checking(
  signed: readonly Signed[],
  verify: (s: Signed, i: number) => boolean,
): (turn: number) => void {
  return (turn) => {
    const i = turn % signed.length;
    const one = signed[i];
    if (one === undefined || !verify(one, i)) throw new Error('a right signature was refused');
  };
}

/**
 * What one core verifies a second, as the gateway does it: the best of short rounds, so that whoever else uses the machine
 * cannot lower the bar.
 */
export function verifyLimit_per_s(signed: readonly Signed[], rounds: number): number {
  const run = checking(signed, ({ key, pack }) =>
    nodeCrypto.verify(key, pack.signedBytes, pack.signature),
  );
  for (let turn = 0; turn < WARM_UP * signed.length; turn += 1) run(turn);
  return Math.max(...Array.from({ length: rounds }, () => rateOf(run, LIMIT_ROUND_MS)));
}

const EC_POINT = '3039301306072a8648ce3d020106082a8648ce3d030107032200';
const ED25519_POINT = '302a300506032b6570032100';

function nodeKey({ suite, bytes }: PublicKey): KeyObject {
  const head = suite === 'es256' ? EC_POINT : ED25519_POINT;
  const der = Buffer.from(head + bytesToHex(bytes), 'hex');
  return createPublicKey({ key: der, format: 'der', type: 'spki' });
}

type Loop = (time_ms: number) => number | Promise<number>;

async function peersOf(suite: SuiteName, signed: readonly Signed[]): Promise<Record<string, Loop>> {
  if (suite === 'sm2') {
    const { sm2 } = await smCrypto();
    const inputs = signed.map(({ key, pack }) => ({
      message: [...pack.signedBytes],
      signature: bytesToHex(pack.signature),
      key: bytesToHex(key.bytes),
    }));
    const options = { hash: true, userId: '1234567812345678' };
    const run = checking(signed, (_, i) => {
      const input = inputs[i];
      return (
        input !== undefined &&
        sm2.doVerifySignature(input.message, input.signature, input.key, options)
      );
    });
    return { 'sm-crypto': (time_ms) => rateOf(run, time_ms) };
  }
  const digest = suite === 'es256' ? 'sha256' : null;
  const keys = signed.map(({ key }) => ({ key: nodeKey(key), dsaEncoding: 'ieee-p1363' as const }));
  const library = suite === 'es256' ? await nobleP256() : await nobleEd25519();
  const options = suite === 'es256' ? { lowS: false } : {};
  const bare = checking(signed, ({ pack }, i) => {
    const key = keys[i];
    return key !== undefined && nodeVerify(digest, pack.signedBytes, key, pack.signature);
  });
  const noble = checking(signed, ({ key, pack }) =>
    library.verify(pack.signature, pack.signedBytes, key.bytes, options),
  );
  return {
    'node:crypto': (time_ms) => rateOf(bare, time_ms),
    'node:crypto, pool': (time_ms) =>
      rateOfAsync((turn) => bareAsync(digest, signed, keys, turn), AT_ONCE, time_ms),
    '@noble/curves': (time_ms) => rateOf(noble, time_ms),
  };
}

function bareAsync(
  digest: string | null,
  signed: readonly Signed[],
  keys: readonly { readonly key: KeyObject; readonly dsaEncoding: 'ieee-p1363' }[],
  turn: number,
): Promise<void> {
  const i = turn % signed.length;
  const [one, key] = [signed[i], keys[i]];
  if (one === undefined || key === undefined) throw new RangeError('no such pack');
  const { signedBytes, signature } = one.pack;
  return new Promise((resolve, reject) => {
    nodeVerify(digest, signedBytes, key, signature, (error, valid) => {
      if (valid) resolve();
      else reject(error ?? new Error('a right signature was refused'));
    });
  });
}

function oursOf(suite: SuiteName, signed: readonly Signed[]): Record<string, Loop> {
  const portable = checking(signed, ({ key, pack }) =>
    portableCrypto.verify(key, pack.signedBytes, pack.signature),
  );
  for (let turn = 0; turn < WARM_UP * signed.length; turn += 1) portable(turn);
  // SM2 has one implementation: node:crypto cannot do it.
  if (suite === 'sm2') return { portable: (time_ms) => rateOf(portable, time_ms) };
  const sync = checking(signed, ({ key, pack }) =>
    nodeCrypto.verify(key, pack.signedBytes, pack.signature),
  );
  return {
    sync: (time_ms) => rateOf(sync, time_ms),
    pool: (time_ms) =>
      rateOfAsync(
        async (turn) => {
          const one = signed[turn % signed.length];
          if (one === undefined) throw new RangeError('no such pack');
          const { signedBytes, signature } = one.pack;
          if (!(await nodeCrypto.verifyAsync(one.key, signedBytes, signature))) {
            throw new Error('a right signature was refused');
          }
        },
        AT_ONCE,
        time_ms,
      ),
    portable: (time_ms) => rateOf(portable, time_ms),
  };
}

/** Which bare loop each of ours is held against. */
const BESIDE: Readonly<Record<string, string>> = {
  sync: 'node:crypto',
  pool: 'node:crypto, pool',
  portable: '@noble/curves',
};

async function run({ suites, quick, say }: BenchOptions) {
  const [rounds, time_ms] = quick ? [5, 300] : [9, 1000];
  const results: Record<string, unknown>[] = [];
  const rows: BenchRow[] = [];
  for (const suite of suites) {
    say(`verify: ${suite}`);
    const signed = signedPacks(suite);
    const ours = oursOf(suite, signed);
    const peers = await peersOf(suite, signed);
    const timed = (loops: Record<string, Loop>, side: string) =>
      Object.entries(loops).map(
        ([name, loop]) => [`${side}/${name}`, () => loop(time_ms)] as const,
      );
    const figures = Object.fromEntries([...timed(ours, 'ours'), ...timed(peers, 'peer')]);
    const rates = await inTurns(figures, rounds);
    for (const way of Object.keys(ours)) {
      const library = suite === 'sm2' ? 'sm-crypto' : (BESIDE[way] ?? '');
      const ours_per_s = rates[`ours/${way}`] ?? 0;
      const library_per_s = rates[`peer/${library}`] ?? 0;
      results.push({
        suite,
        way,
        ours_per_s: Math.round(ours_per_s),
        library,
        library_per_s: Math.round(library_per_s),
        ratio: Number((ours_per_s / library_per_s).toFixed(2)),
      });
      rows.push({
        what: `verify ${suite}, ${way}`,
        figure: `${thousands(ours_per_s)}/s`,
        beside: `${library} bare: ${thousands(library_per_s)}/s (× ${(ours_per_s / library_per_s).toFixed(2)})`,
        floor: '–',
        met: undefined,
      });
    }
  }
  return { json: { bench: 'verify', results }, rows };
}

export const verifyBench: Bench = run;
