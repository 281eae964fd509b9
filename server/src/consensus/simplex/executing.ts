// The engine keeps a bounded number of executed blocks. One that it has dropped meanwhile is executed again, with those below it, out of
// the candidates that this node holds.

import { bytesToHex, decodeHeader, hexToBytes, isAppError } from '@suyuan/contracts';
import type { BlockId } from '../core/types.ts';
import type { ConsensusHost } from '../port.ts';
import type { Evidence } from './evidence.ts';

export interface Body {
  readonly header: Uint8Array;
  readonly txs: readonly Uint8Array[];
}

/** Far more than may be undecided upon each other. */
const DEPTH_MAX = 64;

/** The block and those below it that are not executed here and are held, lowest first. */
export function unexecuted(host: ConsensusHost, evidence: Evidence, block: BlockId): Body[] {
  const bodies: Body[] = [];
  const head = bytesToHex(host.head().blockHash);
  for (let at = block; bodies.length < DEPTH_MAX && at !== head; ) {
    const body = evidence.body(at)?.message.body;
    if (body == null || host.executed(hexToBytes(at)) !== undefined) break;
    bodies.unshift(body);
    at = bytesToHex(decodeHeader(body.header).previous);
  }
  return bodies;
}

/** Rejects as the engine's `validate`. */
export async function executeAgain(host: ConsensusHost, bodies: readonly Body[]): Promise<void> {
  for (const [i, { header, txs }] of bodies.entries()) {
    try {
      await host.validate(header, txs);
    } catch (error) {
      // The lowest may have been committed meanwhile.
      if (i === bodies.length - 1 || !isAppError(error, 'ledger/unknown-parent')) throw error;
    }
  }
}
