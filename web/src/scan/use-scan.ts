// The course of a scan: pin, bundle, worker, verdict; and what the page says at each way out.

import { shallowRef } from 'vue';
import { fromHex } from '../format/hex.ts';
import { acceptPin, loadPin } from '../pin/load-pin.ts';
import type { PinSource, RememberedPin } from '../pin/pin.ts';
import { keepBundle, type StoredBundle, storedBundle } from '../store/bundle-store.ts';
import { keepShell } from '../store/shell.ts';
import type { VerifyReply } from '../verify/protocol.ts';
import { runVerification, WORKER_PATHS } from '../verify/run.ts';
import { fetchBundle } from './fetch-bundle.ts';
import type { ScannedLink } from './link.ts';
import { type Progress, type ScanState, STARTING } from './state.ts';

function advance(progress: Progress, reply: VerifyReply): Progress {
  if (reply.type === 'closed') return { ...progress, phase: 'verifying', closed: reply.step };
  if (reply.type === 'sampling') {
    return { ...progress, phase: 'sampling', picked: reply.picked, fetched: reply.fetched };
  }
  return progress;
}

export function useScan(link: ScannedLink | null) {
  const state = shallowRef<ScanState>({ kind: 'checking', progress: STARTING });

  async function verify(
    bundle: Uint8Array,
    pin: RememberedPin,
    pinSource: PinSource,
    stored: StoredBundle | null,
  ) {
    const genesis = fromHex(pin.genesis, 32);
    if (genesis === null || link === null) return;
    let progress: Progress = { ...STARTING, phase: 'verifying' };
    const outcome = await runVerification(
      { bundle, pin: genesis, link, now_ms: Date.now(), picks: stored?.picks ?? null },
      (reply) => {
        progress = advance(progress, reply);
        state.value = { kind: 'checking', progress };
      },
    );
    if (outcome.type === 'broken') {
      state.value = { kind: 'broken', broken: outcome.broken, bundle };
      return;
    }
    state.value = {
      kind: 'verdict',
      proof: outcome.proof,
      pin,
      pinSource,
      saved_ms: stored?.saved_ms ?? null,
    };
    if (stored === null) {
      const { bundle: complete, picks } = outcome.proof;
      await keepBundle({ link: link.path, bundle: complete, picks, saved_ms: Date.now() });
      if (import.meta.env.PROD) await keepShell(WORKER_PATHS);
    }
  }

  async function start(trusted?: RememberedPin) {
    if (link === null) {
      state.value = { kind: 'malformed' };
      return;
    }
    state.value = { kind: 'checking', progress: STARTING };
    const decision =
      trusted === undefined
        ? await loadPin(Date.now())
        : ({ kind: 'trusted', pin: trusted, source: 'remembered' } as const);
    if (decision.kind === 'changed') {
      state.value = {
        kind: 'pin-changed',
        remembered: decision.remembered,
        offered: decision.offered,
      };
      return;
    }
    if (decision.kind === 'missing') {
      state.value = { kind: 'unreachable' };
      return;
    }
    const fetched = await fetchBundle(link);
    if (fetched.kind === 'bundle') {
      await verify(fetched.bundle, decision.pin, decision.source, null);
      return;
    }
    if (fetched.kind === 'unreachable' || fetched.kind === 'refused') {
      const stored = await storedBundle(link.path);
      if (stored !== null) {
        await verify(stored.bundle, decision.pin, decision.source, stored);
        return;
      }
    }
    state.value = { kind: fetched.kind };
  }

  async function acceptNewPin(genesis: string) {
    acceptPin(genesis, Date.now());
    await start();
  }

  return { state, start, acceptNewPin };
}
