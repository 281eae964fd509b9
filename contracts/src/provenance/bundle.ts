// The bundle (docs/formats.md §7): everything that a verifier needs to check a verdict offline. Decoding is defensive: a
// bundle comes from a server that nobody trusts.

import { decodeCbor, encodeCbor } from '../encoding/cbor.ts';
import {
  asArray,
  asBytes,
  asObject,
  asText,
  asUint,
  type Field,
  onlyKeys,
} from '../encoding/read.ts';
import type { CborObject, CborValue } from '../encoding/types.ts';
import { AppError } from '../errors.ts';
import type { CertifiedHeader, EpochEnd } from '../ledger/light-client.ts';
import { toValidators, validatorToValue } from '../ledger/validators.ts';
import { BUNDLE_RECENT_PACKS_MAX, BUNDLE_SIZE_BYTES_MAX, STATE_DEPTH_MAX } from '../limits.ts';
import type { StateProof } from '../merkle/state-proof.ts';

/** What is asked about: a product, one of its lots, or one unit of the lot. */
export interface Subject {
  readonly gtin: string;
  readonly lot?: string;
  readonly serial?: string;
}

/** A state key with its value's bytes (null: absent) and the proof of it. */
export interface StateEntry {
  readonly key: string;
  readonly value: Uint8Array | null;
  readonly proof: StateProof;
}

export interface ProvenPack {
  /** Leaf index in the batch. */
  readonly index: number;
  readonly pack: Uint8Array;
  /** Inclusion in the batch's root. */
  readonly proof: readonly Uint8Array[];
}

/** Packs of one anchored batch, with the anchor's inclusion in its gateway's log. */
export interface PackedBatch {
  readonly gateway: string;
  /** The anchor's bytes, a leaf of the log. */
  readonly anchor: Uint8Array;
  readonly proof: readonly Uint8Array[];
  readonly packs: readonly ProvenPack[];
}

export interface UnitProof {
  readonly batch: string;
  readonly index: number;
  readonly proof: readonly Uint8Array[];
}

export interface Bundle {
  readonly link: Subject;
  readonly genesis: Uint8Array;
  readonly epochs: readonly EpochEnd[];
  readonly head: CertifiedHeader;
  readonly state: readonly StateEntry[];
  readonly unit?: UnitProof;
  readonly batches: readonly PackedBatch[];
  readonly samples: readonly PackedBatch[];
  readonly statements: readonly Uint8Array[];
}

/** What a state key is written in; order by UTF-16 unit and by byte is then the same. */
const STATE_KEY = /^[!-~]{1,256}$/;
const EPOCHS_MAX = 4096;
const STATE_ENTRIES_MAX = 2048;
const BATCHES_MAX = BUNDLE_RECENT_PACKS_MAX;
const STATEMENTS_MAX = 4096;
/** A log tree of 2^53 leaves is no deeper. */
const LOG_PROOF_MAX = 53;

function hashes(value: Field, what: string, max: number): Uint8Array[] {
  return asArray(value, what, max).map((item) => asBytes(item, what, 32));
}

function certified(object: CborObject): CertifiedHeader {
  return {
    header: asBytes(object.header, 'header'),
    certificate: asBytes(object.certificate, 'certificate'),
  };
}

function toSubject(value: Field): Subject {
  const object = asObject(value, 'link');
  onlyKeys(object, ['gtin', 'lot', 'serial'], 'link');
  return {
    gtin: asText(object.gtin, 'gtin', 14),
    ...(object.lot === undefined ? {} : { lot: asText(object.lot, 'lot', 20) }),
    ...(object.serial === undefined ? {} : { serial: asText(object.serial, 'serial', 20) }),
  };
}

function toStateEntry(value: CborValue): StateEntry {
  const [keyField, bytes, proof] = asArray(value, 'state entry', 3, 3);
  const key = asText(keyField, 'state key', 256);
  if (!STATE_KEY.test(key)) {
    throw new AppError('format/invalid', 'Give a state key as printable ASCII without spaces.');
  }
  const [siblings, leaf] = asArray(proof, 'state proof', 2, 2);
  const pair = leaf === null ? null : asArray(leaf, 'state leaf', 2, 2);
  return {
    key,
    value: bytes === null ? null : asBytes(bytes, 'state value'),
    proof: {
      siblings: hashes(siblings, 'state siblings', STATE_DEPTH_MAX),
      leaf:
        pair === null
          ? null
          : {
              path: asBytes(pair[0], 'state path', 32),
              valueHash: asBytes(pair[1], 'state value hash', 32),
            },
    },
  };
}

function toPackedBatch(value: Field): PackedBatch {
  const object = asObject(value, 'batch');
  onlyKeys(object, ['gateway', 'anchor', 'proof', 'packs'], 'batch');
  return {
    gateway: asText(object.gateway, 'gateway', 63),
    anchor: asBytes(object.anchor, 'anchor'),
    proof: hashes(object.proof, 'anchor proof', LOG_PROOF_MAX),
    packs: asArray(object.packs, 'packs', BUNDLE_RECENT_PACKS_MAX, 1).map((entry) => {
      const pack = asObject(entry, 'pack');
      onlyKeys(pack, ['index', 'pack', 'proof'], 'pack');
      return {
        index: asUint(pack.index, 'pack index'),
        pack: asBytes(pack.pack, 'pack'),
        proof: hashes(pack.proof, 'pack proof', LOG_PROOF_MAX),
      };
    }),
  };
}

function toPackedBatches(value: Field, what: string): PackedBatch[] {
  const batches = asArray(value, what, BATCHES_MAX).map(toPackedBatch);
  assertPackCount(batches);
  return batches;
}

/** Throws `bundle/too-many-packs` above 512 packs: each is a signature to verify on a phone. */
export function assertPackCount(batches: readonly PackedBatch[]): void {
  if (batches.reduce((sum, batch) => sum + batch.packs.length, 0) > BUNDLE_RECENT_PACKS_MAX) {
    throw new AppError(
      'bundle/too-many-packs',
      `Batches and samples may have ${BUNDLE_RECENT_PACKS_MAX} packs each.`,
    );
  }
}

function toUnitProof(value: Field): UnitProof {
  const object = asObject(value, 'unit');
  onlyKeys(object, ['batch', 'index', 'proof'], 'unit');
  return {
    batch: asText(object.batch, 'label batch', 20),
    index: asUint(object.index, 'unit index'),
    proof: hashes(object.proof, 'unit proof', LOG_PROOF_MAX),
  };
}

/** Decodes the form and limits, verifies nothing. Throws `bundle/*`, `cbor/*`, `format/*`, `key/*` or `ledger/bad-validators`. */
export function decodeBundle(bytes: Uint8Array): Bundle {
  if (bytes.length > BUNDLE_SIZE_BYTES_MAX) {
    throw new AppError('bundle/too-large', `A bundle may have ${BUNDLE_SIZE_BYTES_MAX} bytes.`);
  }
  const object = asObject(decodeCbor(bytes), 'bundle');
  onlyKeys(
    object,
    ['v', 'link', 'genesis', 'epochs', 'head', 'state', 'unit', 'batches', 'samples', 'statements'],
    'bundle',
  );
  if (object.v !== 1) {
    throw new AppError(
      'bundle/version',
      'The bundle is of another version than 1; use a newer verifier.',
    );
  }
  const head = asObject(object.head, 'head');
  onlyKeys(head, ['header', 'certificate'], 'head');
  return {
    link: toSubject(object.link),
    genesis: asBytes(object.genesis, 'genesis'),
    epochs: asArray(object.epochs, 'epochs', EPOCHS_MAX).map((entry) => {
      const epoch = asObject(entry, 'epoch');
      onlyKeys(epoch, ['header', 'certificate', 'next'], 'epoch');
      return { ...certified(epoch), next: toValidators(epoch.next) };
    }),
    head: certified(head),
    state: asArray(object.state, 'state', STATE_ENTRIES_MAX).map(toStateEntry),
    ...(object.unit === undefined ? {} : { unit: toUnitProof(object.unit) }),
    batches: toPackedBatches(object.batches, 'batches'),
    samples: toPackedBatches(object.samples, 'samples'),
    statements: asArray(object.statements, 'statements', STATEMENTS_MAX).map((s) =>
      asBytes(s, 'statement'),
    ),
  };
}

function packedBatchToValue(batch: PackedBatch): CborValue {
  return {
    gateway: batch.gateway,
    anchor: batch.anchor,
    proof: batch.proof,
    packs: batch.packs.map(({ index, pack, proof }) => ({ index, pack, proof })),
  };
}

export function encodeBundle(bundle: Bundle): Uint8Array {
  return encodeCbor({
    v: 1,
    link: { ...bundle.link },
    genesis: bundle.genesis,
    epochs: bundle.epochs.map((epoch) => ({
      header: epoch.header,
      certificate: epoch.certificate,
      next: epoch.next.map(validatorToValue),
    })),
    head: { header: bundle.head.header, certificate: bundle.head.certificate },
    state: bundle.state.map(({ key, value, proof }) => [
      key,
      value,
      [proof.siblings, proof.leaf === null ? null : [proof.leaf.path, proof.leaf.valueHash]],
    ]),
    ...(bundle.unit === undefined ? {} : { unit: { ...bundle.unit } }),
    batches: bundle.batches.map(packedBatchToValue),
    samples: bundle.samples.map(packedBatchToValue),
    statements: bundle.statements,
  });
}

/** One batch with one or more packs, as a server answers for a sample. */
export function encodePackedBatch(batch: PackedBatch): Uint8Array {
  return encodeCbor(packedBatchToValue(batch));
}

/** Throws `cbor/*` or `format/*`. */
export function decodePackedBatch(bytes: Uint8Array): PackedBatch {
  return toPackedBatch(decodeCbor(bytes));
}

/** The bundle's bytes with these samples in place of any it had; `distinctSamples` first, for a bundle holds no pack twice. */
export function withSamples(bundle: Bundle, samples: readonly PackedBatch[]): Uint8Array {
  return encodeBundle({ ...bundle, samples });
}
