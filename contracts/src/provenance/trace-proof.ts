// The verification of a trace (docs/formats.md, "Trace proof"): every lot of the answer is in the certified state, every one
// belongs to it, and none is missing. A lot's record counts the lots made from it, so a hidden descendant leaves a count open; it
// names its inputs, so a hidden ancestor leaves a name open.

import { portableCrypto } from '../crypto/portable.ts';
import type { CryptoProvider, Hash } from '../crypto/types.ts';
import { decodeCbor } from '../encoding/cbor.ts';
import { asObject, asText } from '../encoding/read.ts';
import { AppError } from '../errors.ts';
import { advanceEpoch, trustGenesis, verifyHeader } from '../ledger/light-client.ts';
import { TRACE_PROOF_LOTS_MAX } from '../limits.ts';
import { verifyPresence } from '../merkle/state-proof.ts';
import { type Lot, lotKey, toLot } from '../rules/lots/lot.ts';
import {
  createFrameReader,
  decodeTraceHead,
  decodeTraceLot,
  type TraceDirection,
  type TraceHead,
  type TraceSeed,
} from './trace-frames.ts';

/** What was asked. The answer must be to this and nothing else. */
export interface TraceQuestion {
  readonly direction: TraceDirection;
  /** 1 to 64 lots. */
  readonly seeds: readonly TraceSeed[];
}

export interface VerifiedTraceLot {
  readonly relation: 'seed' | 'descendant' | 'ancestor';
  /** The record as it stands in the certified state. */
  readonly lot: Lot;
  /** Of a descendant: what it was made with that came from lots of the trace, in the unit of each; 0 for others. */
  readonly drawn: number;
}

/** Of the certified head that the whole trace is proven against. */
export interface TraceSummary {
  readonly height: number;
  readonly time_ms: number;
  readonly lots: number;
}

export interface TraceVerifier {
  /**
   * Takes the next bytes and gives the lots that are proven now. What was given counts only once `end` has returned: only then is
   * it known that nothing is missing. Throws AppError: `trace/*`, `state-proof/*`, `ledger/*`, `certificate/*`, `cbor/*`, `format/*`.
   */
  push(piece: Uint8Array): VerifiedTraceLot[];
  /** Throws `trace/cut-off` or `trace/incomplete`. */
  end(): TraceSummary;
}

/** How far the lots of one direction are complete. */
interface Side {
  /** Throws `trace/stray-lot` or `trace/twice`. */
  take(key: string, lot: Lot): Pick<VerifiedTraceLot, 'relation' | 'drawn'>;
  isComplete(): boolean;
  /** Throws `trace/incomplete`, naming what is missing. */
  end(): void;
}

function incomplete(key: string, what: string): AppError {
  return new AppError('trace/incomplete', `The trace leaves out ${what}; do not rely on it.`, {
    lot: key,
  });
}

function twice(key: string): AppError {
  return new AppError('trace/twice', 'The trace holds a lot twice.', { lot: key });
}

function stray(key: string): AppError {
  return new AppError('trace/stray-lot', 'The trace holds a lot that does not belong to it.', {
    lot: key,
  });
}

/** Seeds and descendants, each after its inputs: what is open is how many dependents of each lot are still to come. */
function downSide(seeds: ReadonlySet<string>): Side {
  const open = new Map<string, number>();
  const missing = new Set(seeds);
  let left = 0;
  return {
    take(key, lot) {
      if (open.has(key)) throw twice(key);
      let drawn = 0;
      let belongs = missing.delete(key);
      const relation = belongs ? 'seed' : 'descendant';
      for (const input of lot.inputs) {
        const parent = lotKey(input.gtin, input.lot);
        const waiting = open.get(parent);
        if (waiting === undefined) continue;
        if (waiting === 0) throw stray(key);
        open.set(parent, waiting - 1);
        left -= 1;
        drawn += input.amount;
        belongs = true;
      }
      if (!belongs) throw stray(key);
      open.set(key, lot.dependents);
      left += lot.dependents;
      return { relation, drawn };
    },
    isComplete: () => missing.size === 0 && left === 0,
    end() {
      for (const key of missing) throw incomplete(key, 'a lot that was asked about');
      for (const [key, waiting] of open) {
        if (waiting > 0) throw incomplete(key, 'a lot that was made from one that it shows');
      }
    },
  };
}

/** Seeds and ancestors, each after a lot that names it: what is open are the inputs that were named and not shown. */
function upSide(seeds: ReadonlySet<string>): Side {
  const missing = new Set(seeds);
  const named = new Set<string>();
  const known = new Set<string>();
  return {
    take(key, lot) {
      if (known.has(key)) throw twice(key);
      const asked = missing.delete(key);
      if (!asked && !named.has(key)) throw stray(key);
      named.delete(key);
      known.add(key);
      for (const input of lot.inputs) {
        const parent = lotKey(input.gtin, input.lot);
        if (!known.has(parent)) named.add(parent);
      }
      return { relation: asked ? 'seed' : 'ancestor', drawn: 0 };
    },
    isComplete: () => missing.size === 0 && named.size === 0,
    end() {
      for (const key of missing) throw incomplete(key, 'a lot that was asked about');
      for (const key of named) throw incomplete(key, 'an input of a lot that it shows');
    },
  };
}

/** The sides in the order of the stream. The first of two is over when nothing of it is open, so no mark between them is needed. */
function sidesOf({ direction, seeds }: TraceQuestion): Side[] {
  const keys = new Set(seeds.map(({ gtin, lot }) => lotKey(gtin, lot)));
  return [
    ...(direction === 'down' ? [] : [upSide(keys)]),
    ...(direction === 'up' ? [] : [downSide(keys)]),
  ];
}

function assertAnswers(head: TraceHead, question: TraceQuestion): void {
  const names = (seeds: readonly TraceSeed[]) =>
    [...new Set(seeds.map(({ gtin, lot }) => lotKey(gtin, lot)))].sort().join(' ');
  if (head.direction !== question.direction || names(head.seeds) !== names(question.seeds)) {
    throw new AppError('trace/other-question', 'The trace answers another question; ask again.');
  }
}

/**
 * A verifier of one trace, given in pieces, against the pinned genesis hash (32 bytes). It keeps the names of the lots that
 * it has seen, at most 100 000 of them.
 */
export function createTraceVerifier(
  question: TraceQuestion,
  pinnedGenesis: Uint8Array,
  crypto: CryptoProvider = portableCrypto,
): TraceVerifier {
  const frames = createFrameReader();
  const sides = sidesOf(question);
  let head: { hash: Hash; stateRoot: Uint8Array; height: number; time_ms: number } | undefined;
  let lots = 0;
  let failure: unknown;

  function open(body: Uint8Array): NonNullable<typeof head> {
    const given = decodeTraceHead(body.slice());
    assertAnswers(given, question);
    const { trusted: first } = trustGenesis(crypto, given.genesis, pinnedGenesis);
    const trusted = given.epochs.reduce((set, end) => advanceEpoch(crypto, set, end), first);
    const { stateRoot, height, time_ms } = verifyHeader(crypto, trusted, given);
    return { hash: trusted.hash, stateRoot, height, time_ms };
  }

  function prove({ hash, stateRoot }: NonNullable<typeof head>, body: Uint8Array) {
    const { value, proof } = decodeTraceLot(body.slice());
    const record = decodeCbor(value);
    const object = asObject(record, 'lot record');
    const key = lotKey(asText(object.gtin, 'gtin', 14), asText(object.lot, 'lot', 20));
    verifyPresence(hash, stateRoot, key, value, proof);
    lots += 1;
    if (lots > TRACE_PROOF_LOTS_MAX) {
      throw new AppError('trace/too-large', `A trace proves at most ${TRACE_PROOF_LOTS_MAX} lots.`);
    }
    while (sides.length > 1 && sides[0]?.isComplete()) sides.shift();
    const lot = toLot(record);
    const taken = sides[0]?.take(key, lot);
    if (taken === undefined) throw stray(key);
    return { ...taken, lot };
  }

  function guarded<T>(act: () => T): T {
    // What failed once never ends well, whatever comes after.
    if (failure !== undefined) throw failure;
    try {
      return act();
    } catch (error) {
      failure = error;
      throw error;
    }
  }

  return {
    push: (piece) =>
      guarded(() => {
        const proven: VerifiedTraceLot[] = [];
        for (const body of frames.push(piece)) {
          if (head === undefined) head = open(body);
          else proven.push(prove(head, body));
        }
        return proven;
      }),
    end: () =>
      guarded(() => {
        frames.end();
        if (head === undefined) {
          throw new AppError('trace/cut-off', 'The trace is empty; fetch it again.');
        }
        for (const side of sides) side.end();
        const { height, time_ms } = head;
        return { height, time_ms, lots };
      }),
  };
}

/** Verifies a whole trace in memory. Throws as `TraceVerifier` does. */
export function verifyTrace(
  bytes: Uint8Array,
  question: TraceQuestion,
  pinnedGenesis: Uint8Array,
  crypto: CryptoProvider = portableCrypto,
): TraceSummary & { readonly proven: readonly VerifiedTraceLot[] } {
  const verifier = createTraceVerifier(question, pinnedGenesis, crypto);
  const proven = verifier.push(bytes);
  return { ...verifier.end(), proven };
}
