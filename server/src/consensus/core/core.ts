// Simplex in its multi-slot form, one slot a leader: (state, event) → effects. Which rule stands where: 1 and 7 certificates.ts, 2
// candidates.ts, 3 leading.ts, 4 to 6 voting.ts, 6 and 8 timers.ts.

import {
  finalizeExecuted,
  needsCandidate,
  resolveCertified,
  settle,
  takeCandidate,
  takeVerdict,
} from './candidates.ts';
import { countVote, moveFrontier, needsStatement, takeCertificate } from './certificates.ts';
import { lead, takeBuilt, takeWork } from './leading.ts';
import { type CoreState, copyState, createState } from './state.ts';
import { setTimers, standStill } from './timers.ts';
import type { Core, CoreEffect, CoreEvent, CoreOptions } from './types.ts';
import { fingerprintOf, viewOf } from './view.ts';
import { timeOut, vote } from './voting.ts';

export function createCore(options: CoreOptions): Core {
  return coreOf(createState(options));
}

function coreOf(state: CoreState): Core {
  return {
    step: (event) => step(state, event),
    view: () => viewOf(state),
    needs: (statement, from) => needsStatement(state, statement, from),
    needsCandidate: (slot, block) => needsCandidate(state, slot, block),
    fork: () => coreOf(copyState(state)),
    fingerprint: () => fingerprintOf(state),
  };
}

function step(state: CoreState, event: CoreEvent): CoreEffect[] {
  if (state.halted) return [];
  const out: CoreEffect[] = [];
  take(state, event, out);
  moveFrontier(state);
  finalizeExecuted(state, out);
  resolveCertified(state, out);
  lead(state, out);
  vote(state, out);
  setTimers(state, out);
  return out;
}

function take(state: CoreState, event: CoreEvent, out: CoreEffect[]): void {
  switch (event.type) {
    case 'candidate':
      takeCandidate(state, event.slot, event.block, event.parent, event.endsEpoch);
      break;
    case 'validated':
      takeVerdict(state, event.block, event.valid, event.timely);
      break;
    case 'vote':
      countVote(state, event.from, event.statement, out);
      break;
    case 'certificate':
      takeCertificate(state, event.statement, event.kept, out);
      break;
    case 'built':
      takeBuilt(state, event, out);
      break;
    case 'work':
      takeWork(state, event.waiting);
      break;
    case 'timeout':
      timeOut(state, event.slot, out);
      break;
    case 'standstill':
      standStill(state, out);
      break;
    case 'synced':
      settle(state, event.final);
      break;
  }
}
