// The verification of a bundle, step by step (docs/formats.md §8): pinned genesis → epochs → certificate → state → unit →
// lots → recalls → anchors → packs → statements → samples → claims. The first step that does not close ends it.

import { portableCrypto } from '../crypto/portable.ts';
import type { CryptoProvider, Hash } from '../crypto/types.ts';
import { bytesToHex } from '../encoding/bytes.ts';
import { AppError, isAppError } from '../errors.ts';
import { decodeCertificate } from '../ledger/certificate.ts';
import type { Genesis } from '../ledger/genesis.ts';
import { blockHash, type Header } from '../ledger/header.ts';
import {
  advanceEpoch,
  type TrustedSet,
  trustGenesis,
  verifyHeader,
} from '../ledger/light-client.ts';
import { leafHash } from '../merkle/log-hash.ts';
import { verifyInclusion } from '../merkle/log-tree.ts';
import { getLabelBatch, unitLeaf } from '../rules/labels/label.ts';
import { getLot } from '../rules/lots/lot.ts';
import { getMark, getProduct, type Product } from '../rules/products/product.ts';
import { assertPackCount, type Bundle, decodeBundle, type PackedBatch } from './bundle.ts';
import { claimsOf } from './claims.ts';
import { type Counts, countingCrypto } from './counting.ts';
import { distinctSamples } from './distinct-samples.ts';
import type { ShownUnit } from './evidence-keys.ts';
import { type Lineage, lineageOf } from './lineage.ts';
import { assertOneHistory, type VerifiedPack, verifyAnchors, verifyPacks } from './proven-packs.ts';
import { type ProvenState, proveEntries } from './proven-state.ts';
import { type RecallScope, verifyScopes } from './recall-scopes.ts';
import { recordedStays, seriesOfStays } from './recorded-stays.ts';
import { pickSamples, type SamplePick, slotFinder } from './samples.ts';
import { contradictionFinder, type VerifiedStatement, verifyStatements } from './stated.ts';
import { timelineOf } from './timeline.ts';
import { VERIFY_STEPS, type Verdict, type VerifyStep } from './verdict.ts';

/** Says which link of the chain broke; `code` is that of the check. */
export class BundleError extends AppError {
  readonly step: VerifyStep;

  constructor(step: VerifyStep, error: unknown) {
    const known = isAppError(error);
    super(
      known ? error.code : 'bundle/malformed',
      known ? error.message : 'The bundle is malformed; fetch it again.',
      { ...(known ? error.details : {}), step },
      error,
    );
    this.name = 'BundleError';
    this.step = step;
  }
}

export interface VerifyOptions {
  /** `portableCrypto` unless given. */
  readonly crypto?: CryptoProvider;
  /** Told after each step that closed. */
  readonly onStep?: (step: VerifyStep, done: number, total: number) => void;
}

/** A bundle whose every part but the samples is verified. */
export interface CheckedBundle {
  readonly bundle: Bundle;
  readonly state: ProvenState;
  readonly packs: readonly VerifiedPack[];
  readonly statements: readonly VerifiedStatement[];
  /** For `concludeBundle`. */
  readonly inner: Inner;
}

interface Inner {
  readonly run: Runner;
  readonly crypto: CryptoProvider;
  readonly counts: Counts;
  readonly hash: Hash;
  readonly genesis: Genesis;
  readonly trusted: TrustedSet;
  readonly header: Header;
  readonly product: Product;
  readonly lineage: Lineage;
  readonly label: ShownUnit | null;
  readonly scopes: readonly RecallScope[];
  readonly now_ms: number;
}

type Runner = <T>(step: VerifyStep, body: () => T) => T;

function runner(onStep: VerifyOptions['onStep']): Runner {
  return (step, body) => {
    let result: ReturnType<typeof body>;
    try {
      result = body();
    } catch (error) {
      throw error instanceof BundleError ? error : new BundleError(step, error);
    }
    onStep?.(step, VERIFY_STEPS.indexOf(step) + 1, VERIFY_STEPS.length);
    return result;
  };
}

/**
 * Verifies everything in a bundle but its samples against the pinned genesis hash (32 bytes). `now_ms` is the verifier's
 * clock. Throws BundleError, and nothing else, at the first link that does not close.
 */
export function checkBundle(
  bytes: Uint8Array,
  pinnedGenesis: Uint8Array,
  now_ms: number,
  options: VerifyOptions = {},
): CheckedBundle {
  const counts: Counts = { signatures: 0, hashes: 0 };
  const crypto = countingCrypto(options.crypto ?? portableCrypto, counts);
  const run = runner(options.onStep);
  const bundle = run('bundle', () => decodeBundle(bytes));
  const { trusted: first, genesis } = run('genesis', () =>
    trustGenesis(crypto, bundle.genesis, pinnedGenesis),
  );
  const trusted = run('epochs', () =>
    bundle.epochs.reduce((set, end) => advanceEpoch(crypto, set, end), first),
  );
  const header = run('certificate', () => verifyHeader(crypto, trusted, bundle.head));
  const { hash } = trusted;
  const state = run('state', () => proveEntries(hash, header.stateRoot, bundle.state));
  const label = run('unit', () => verifyUnit(hash, state, bundle));
  const { product, lineage } = run('lots', () => subjectOf(state, bundle, header.time_ms, label));
  const scopes = run('recalls', () => verifyScopes(hash, state, bundle));
  const anchors = run('anchors', () => verifyAnchors(hash, state, bundle.batches));
  const packs = run('packs', () => verifyPacks(crypto, hash, state, bundle.batches, anchors));
  const statements = run('statements', () =>
    verifyStatements(crypto, state, trusted.chainId, bundle.statements),
  );
  const inner = {
    run,
    crypto,
    counts,
    hash,
    genesis,
    trusted,
    header,
    product,
    lineage,
    label,
    scopes,
    now_ms,
  };
  return { bundle, state, packs, statements, inner };
}

function subjectOf(
  state: ProvenState,
  bundle: Bundle,
  head_ms: number,
  label: ShownUnit | null,
): { product: Product; lineage: Lineage } {
  const { gtin, lot: number } = bundle.link;
  const product = getProduct(state, gtin);
  if (product === undefined)
    throw new AppError('bundle/no-product', 'The bundle does not show the product.', { gtin });
  if (number === undefined) return { product, lineage: { lots: [], stays: [], truncated: false } };
  const lot = getLot(state, gtin, number);
  if (lot === undefined)
    throw new AppError('bundle/no-lot', 'The bundle does not show the lot.', { gtin, lot: number });
  return { product, lineage: lineageOf(state, lot, head_ms, label?.batch) };
}

function verifyUnit(hash: Hash, state: ProvenState, bundle: Bundle): Inner['label'] {
  const { gtin, lot, serial } = bundle.link;
  if (serial === undefined) {
    if (bundle.unit !== undefined)
      throw new AppError('bundle/stray-unit', 'The bundle proves a unit that nobody asked for.');
    return null;
  }
  if (lot === undefined || bundle.unit === undefined) {
    throw new AppError('bundle/no-unit', 'The bundle does not show that the unit was labelled.');
  }
  const { batch: number, index, proof, hidden } = bundle.unit;
  const batch = getLabelBatch(state, gtin, lot, number);
  if (batch === undefined)
    throw new AppError('bundle/no-label', 'The bundle does not show the label batch of the unit.');
  if (batch.hidden !== (hidden !== undefined)) {
    throw new AppError(
      'bundle/bad-hidden',
      'A commitment goes with a label batch with hidden codes, and with no other; fetch the bundle again.',
    );
  }
  const leaf = leafHash(hash, unitLeaf(gtin, lot, serial, hidden));
  verifyInclusion(hash, { index, size: batch.count, leaf, proof, root: batch.root });
  return { batch, index };
}

/** The slots to ask packs for now that the anchored roots are held. `randomUint32` gives uniform integers below 2^32. */
export function picksOf(checked: CheckedBundle, randomUint32: () => number): SamplePick[] {
  const { state, statements, packs, inner } = checked;
  return pickSamples(state, statements, inner.lineage.stays, packs, randomUint32);
}

/**
 * Verifies the samples and says what the whole shows. `picks` is what was asked for; those that no sample answers count as
 * missing. Throws BundleError.
 */
export function concludeBundle(
  checked: CheckedBundle,
  samples: readonly PackedBatch[],
  picks?: readonly SamplePick[],
): Verdict {
  const { inner, state } = checked;
  const { run, crypto, hash, header, lineage } = inner;
  const sampled = run('samples', () => verifySamples(checked, samples));
  return run('claims', () => {
    const packs = [...checked.packs, ...sampled];
    const answers = slotFinder(sampled);
    const matched = picks?.filter(answers).length ?? sampled.length;
    const { link } = checked.bundle;
    const verified = {
      state,
      subject: link,
      lineage,
      label: inner.label,
      scopes: inner.scopes,
      packs,
      statements: checked.statements,
      spotCheck: {
        picked: picks?.length ?? sampled.length,
        matched,
        contradicted: packs.filter(contradictionFinder(checked.statements)).length,
      },
      head: {
        height: header.height,
        time_ms: header.time_ms,
        hash: bytesToHex(blockHash(hash, checked.bundle.head.header)),
      },
      now_ms: inner.now_ms,
    };
    const recorded = recordedStays(lineage.stays, packs, checked.statements);
    const { name, regime, category, unit, mark } = inner.product;
    return {
      subject: { gtin: link.gtin, lot: link.lot ?? null, serial: link.serial ?? null },
      product: {
        name,
        regime,
        category,
        unit,
        mark: mark === undefined ? null : (getMark(state, mark)?.name ?? { zh: mark, en: mark }),
      },
      chain: chainOf(checked),
      claims: claimsOf(verified, recorded),
      timeline: timelineOf(verified),
      series: seriesOfStays(recorded, packs, checked.statements),
      age: [...new Set(recorded.map(({ band }) => band))].flat(),
      counts: {
        ...inner.counts,
        packs: packs.length,
        readings: packs.reduce((sum, pack) => sum + pack.readings.length, 0),
      },
    };
  });
  function verifySamples({ packs }: CheckedBundle, given: readonly PackedBatch[]): VerifiedPack[] {
    assertPackCount(given);
    const batches = distinctSamples(given);
    const verified = verifyPacks(crypto, hash, state, batches, verifyAnchors(hash, state, batches));
    assertOneHistory([...packs, ...verified]);
    return verified;
  }
}

function chainOf({ bundle, inner }: CheckedBundle): Verdict['chain'] {
  const { genesis, trusted, header } = inner;
  const { signatures } = decodeCertificate(bundle.head.certificate);
  return {
    name: genesis.name,
    genesis: bytesToHex(trusted.chainId),
    profile: genesis.profile,
    height: header.height,
    time_ms: header.time_ms,
    validators: trusted.validators.length,
    signers: signatures.map((s) => trusted.validators[s.validator]?.id ?? ''),
  };
}

/**
 * Verifies a bundle with the samples that it carries and returns its verdict. Throws BundleError, and nothing else. The
 * samples of a saved bundle were picked by whoever saved it; one's own are picked with `checkBundle`, `picksOf`, `concludeBundle`.
 */
export function verifyBundle(
  bytes: Uint8Array,
  pinnedGenesis: Uint8Array,
  now_ms: number,
  options: VerifyOptions = {},
): Verdict {
  const checked = checkBundle(bytes, pinnedGenesis, now_ms, options);
  return concludeBundle(checked, checked.bundle.samples);
}
