// A trace that carries its own proof (docs/formats.md, "Trace proof"): the certified head, then the record of each lot with its
// state proof, all of one moment.

import {
  AppError,
  type EpochEnd,
  encodeTraceHead,
  encodeTraceLot,
  type Hash,
  lotKey,
  proveState,
  statePath,
  TRACE_PROOF_LOTS_MAX,
  type TraceSeed,
  utf8ToBytes,
} from '@suyuan/contracts';
import type { Snapshot } from '../storage/database.ts';
import { readHead } from '../storage/head.ts';
import { nodeReader } from '../storage/state.ts';
import { lotNameOf } from '../storage/trace-index.ts';
import { openGraph } from './graph.ts';
import { PagedBits } from './paged-bits.ts';
import type { TraceDirection } from './rows.ts';
import { numbersOf, refOfName } from './scope.ts';
import { type SweptLots, sweepDown, sweepUp } from './sweep.ts';

export interface ProofParts {
  readonly hash: Hash;
  readonly genesis: Uint8Array;
  readonly epochs: readonly EpochEnd[];
}

const NOTHING = new Uint8Array(0);

/** The frames of the proof, made as they are asked for; an empty one is none, other work may have its turn. Throws `ledger/no-block`, `trace/unknown` or `trace/too-large` before the first. */
export function* proofFrames(
  at: Snapshot,
  parts: ProofParts,
  seeds: readonly TraceSeed[],
  direction: TraceDirection,
): Generator<Uint8Array> {
  const certified = readHead(at)?.certified ?? undefined;
  if (certified === undefined) {
    throw new AppError('ledger/no-block', 'The ledger has no block yet; try again in a moment.');
  }
  yield* assertSize(at, seeds, direction);
  const { hash, genesis, epochs } = parts;
  yield encodeTraceHead({ ...certified, direction, seeds, genesis, epochs });
  const read = nodeReader(at);
  for (const { lots } of sweeps(at, seeds, direction)) {
    for (const number of lots) {
      const { gtin, lot } = refOfName(lotNameOf(at, number));
      const key = lotKey(gtin, lot);
      const value = at.get('state', utf8ToBytes(key));
      if (value === undefined) throw new Error(`trace: lot ${number} has no record`);
      yield encodeTraceLot({ value, proof: proveState(read, statePath(hash, key)) });
    }
  }
}

/** All up, then all down: seeds come in both, as the verifier expects. */
function* sweeps(
  at: Snapshot,
  seeds: readonly TraceSeed[],
  direction: TraceDirection,
): Generator<SweptLots> {
  const graph = openGraph(at);
  const begin = (): PagedBits => {
    const bits = new PagedBits();
    for (const number of numbersOf(at, seeds)) bits.add(number);
    return bits;
  };
  if (direction !== 'down') yield* sweepUp(graph, begin());
  if (direction !== 'up') yield* sweepDown(graph, begin());
}

function* assertSize(
  at: Snapshot,
  seeds: readonly TraceSeed[],
  direction: TraceDirection,
): Generator<Uint8Array> {
  let lots = 0;
  for (const swept of sweeps(at, seeds, direction)) {
    yield NOTHING;
    lots += swept.lots.length;
    if (lots > TRACE_PROOF_LOTS_MAX) {
      throw new AppError(
        'trace/too-large',
        `A proof is of at most ${TRACE_PROOF_LOTS_MAX} lots; ask without it, or about a later lot.`,
      );
    }
  }
  if (lots === 0) {
    throw new AppError(
      'trace/unknown',
      'The ledger does not know what the trace is to begin with.',
    );
  }
}
