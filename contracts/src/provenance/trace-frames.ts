// The frames of a trace proof (docs/formats.md, "Trace proof"): a head, then lots with the proofs of their records, each frame a
// length and CBOR, so that a proof of many lots is written and read piece by piece.

import { decodeCbor, encodeCbor } from '../encoding/cbor.ts';
import { asArray, asBytes, asObject, asText, type Field, onlyKeys } from '../encoding/read.ts';
import type { CborObject, CborValue } from '../encoding/types.ts';
import { AppError } from '../errors.ts';
import type { CertifiedHeader, EpochEnd } from '../ledger/light-client.ts';
import { toValidators, validatorToValue } from '../ledger/validators.ts';
import { STATE_DEPTH_MAX, TRACE_FRAME_BYTES_MAX, TRACE_SEEDS_MAX } from '../limits.ts';
import type { StateProof } from '../merkle/state-proof.ts';

export type TraceDirection = 'down' | 'up' | 'both';

/** A lot by its GS1 keys. */
export interface TraceSeed {
  readonly gtin: string;
  readonly lot: string;
}

/** What was asked, and the certified head that all proofs are against. */
export interface TraceHead extends CertifiedHeader {
  readonly direction: TraceDirection;
  /** 1 to 64, each once. */
  readonly seeds: readonly TraceSeed[];
  readonly genesis: Uint8Array;
  /** As in a bundle: the last block of each epoch before the head's. */
  readonly epochs: readonly EpochEnd[];
}

/** The record of a lot as it stands in the state, and the proof of it. */
export interface TraceLotFrame {
  readonly value: Uint8Array;
  readonly proof: StateProof;
}

const LENGTH_BYTES = 4;
const EPOCHS_MAX = 4096;
const VERSION = 1;

function framed(value: CborValue): Uint8Array {
  const body = encodeCbor(value);
  const bytes = new Uint8Array(LENGTH_BYTES + body.length);
  new DataView(bytes.buffer).setUint32(0, body.length);
  bytes.set(body, LENGTH_BYTES);
  return bytes;
}

/** The first frame, with its length. */
export function encodeTraceHead(head: TraceHead): Uint8Array {
  return framed({
    v: VERSION,
    direction: head.direction,
    seeds: head.seeds.map(({ gtin, lot }) => [gtin, lot]),
    genesis: head.genesis,
    epochs: head.epochs.map(({ header, certificate, next }) => ({
      header,
      certificate,
      next: next.map(validatorToValue),
    })),
    header: head.header,
    certificate: head.certificate,
  });
}

/** Every further frame, with its length. */
export function encodeTraceLot({ value, proof }: TraceLotFrame): Uint8Array {
  const leaf = proof.leaf === null ? null : [proof.leaf.path, proof.leaf.valueHash];
  return framed([value, [proof.siblings, leaf]]);
}

function toDirection(value: Field): TraceDirection {
  if (value === 'down' || value === 'up' || value === 'both') return value;
  throw new AppError('format/invalid', 'Give direction as down, up or both.');
}

function certified(object: CborObject): CertifiedHeader {
  return {
    header: asBytes(object.header, 'header'),
    certificate: asBytes(object.certificate, 'certificate'),
  };
}

/** The body of the first frame. Throws `cbor/*`, `format/*`, `key/*`, `ledger/*` or `trace/version`. */
export function decodeTraceHead(body: Uint8Array): TraceHead {
  const object = asObject(decodeCbor(body), 'trace head');
  if (object.v !== VERSION) {
    throw new AppError('trace/version', 'The trace is of another version; use a newer verifier.');
  }
  onlyKeys(
    object,
    ['v', 'direction', 'seeds', 'genesis', 'epochs', 'header', 'certificate'],
    'trace head',
  );
  return {
    ...certified(object),
    direction: toDirection(object.direction),
    seeds: asArray(object.seeds, 'seeds', TRACE_SEEDS_MAX, 1).map((entry) => {
      const [gtin, lot] = asArray(entry, 'seed', 2, 2);
      return { gtin: asText(gtin, 'gtin', 14), lot: asText(lot, 'lot', 20) };
    }),
    genesis: asBytes(object.genesis, 'genesis'),
    epochs: asArray(object.epochs, 'epochs', EPOCHS_MAX).map((entry) => {
      const epoch = asObject(entry, 'epoch');
      onlyKeys(epoch, ['header', 'certificate', 'next'], 'epoch');
      return { ...certified(epoch), next: toValidators(epoch.next) };
    }),
  };
}

/** The body of a further frame. Throws `cbor/*` or `format/*`. */
export function decodeTraceLot(body: Uint8Array): TraceLotFrame {
  const [value, proofField] = asArray(decodeCbor(body), 'trace lot', 2, 2);
  const [siblings, leafField] = asArray(proofField, 'state proof', 2, 2);
  const leaf = leafField === null ? null : asArray(leafField, 'state leaf', 2, 2);
  return {
    value: asBytes(value, 'lot record'),
    proof: {
      siblings: asArray(siblings, 'state siblings', STATE_DEPTH_MAX).map((hash) =>
        asBytes(hash, 'state sibling', 32),
      ),
      leaf:
        leaf === null
          ? null
          : {
              path: asBytes(leaf[0], 'state path', 32),
              valueHash: asBytes(leaf[1], 'state value hash', 32),
            },
    },
  };
}

/** Cuts a stream into the bodies of its frames, whatever pieces it comes in. Keeps at most one frame. */
export interface FrameReader {
  /** The bodies that are whole now; good until the next call. Throws `trace/too-large`. */
  push(piece: Uint8Array): Uint8Array[];
  /** Throws `trace/cut-off` when the stream ended within a frame. */
  end(): void;
}

export function createFrameReader(): FrameReader {
  let rest: Uint8Array = new Uint8Array(0);
  return {
    push(piece) {
      const bytes = new Uint8Array(rest.length + piece.length);
      bytes.set(rest);
      bytes.set(piece, rest.length);
      const view = new DataView(bytes.buffer);
      const bodies: Uint8Array[] = [];
      let at = 0;
      while (bytes.length - at >= LENGTH_BYTES) {
        const length = view.getUint32(at);
        if (length > TRACE_FRAME_BYTES_MAX) {
          throw new AppError('trace/too-large', 'A frame of the trace is larger than any can be.');
        }
        if (bytes.length - at - LENGTH_BYTES < length) break;
        bodies.push(bytes.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + length));
        at += LENGTH_BYTES + length;
      }
      rest = bytes.slice(at);
      return bodies;
    },
    end() {
      if (rest.length > 0) {
        throw new AppError('trace/cut-off', 'The trace ends in the middle; fetch it again.');
      }
    },
  };
}
