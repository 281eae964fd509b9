// Where a node goes on after a restart: what its log, its key and its journal say.

import {
  bytesToHex,
  decodeHeader,
  equalBytes,
  type Header,
  type Validator,
} from '@suyuan/contracts';
import type { NodeLogger } from '../../engine/logger.ts';
import type { CoreEvent, Ref } from '../core/index.ts';
import type { JournalRecord } from '../journal/index.ts';
import { type CertificateMessage, decodeMessage, fromFinalCertificate } from '../messages/index.ts';
import type { ConsensusHost } from '../port.ts';
import type { Signer } from '../signer/index.ts';
import type { Evidence } from './evidence.ts';
import { endsEpoch, parentOf, statementOf } from './statements.ts';

/** Which validator the signer's key is; null for a node that only follows. */
export function positionOf(validators: readonly Validator[], signer: Signer | null): number | null {
  if (signer === null) return null;
  const { suite, bytes } = signer.key;
  const found = validators.findIndex(
    ({ key }) => key.suite === suite && equalBytes(key.bytes, bytes),
  );
  return found < 0 ? null : found;
}

/**
 * The newest certificate in the log, if it is of this epoch. Its block is above the head while a run of blocks out of a peer's log comes
 * in.
 */
export function finalOfHead(
  host: ConsensusHost,
  epoch: number,
): { readonly certificate: CertificateMessage; readonly ref: Ref } | null {
  const bytes = host.head().certificate;
  if (bytes === null) return null;
  const certificate = fromFinalCertificate(bytes);
  if (certificate.epoch !== epoch || certificate.block === null) return null;
  return { certificate, ref: { slot: certificate.slot, block: bytesToHex(certificate.block) } };
}

/** What was kept above the final slot, into the evidence, and as events for the core in the order in which it was kept. */
export function recall(
  records: readonly JournalRecord[],
  evidence: Evidence,
  final: number,
  logger: NodeLogger,
): CoreEvent[] {
  const events: CoreEvent[] = [];
  for (const { message: bytes } of records) {
    const message = decodeMessage(bytes);
    if (message.type === 'certificate') {
      evidence.addCertificate(message);
      events.push({ type: 'certificate', statement: statementOf(message), kept: true });
    }
    if (message.type !== 'proposal' || message.slot <= final) continue;
    const header = message.body === null ? null : readHeader(message.body.header);
    if (header === undefined) {
      logger.warn({ slot: message.slot }, 'a candidate in the journal cannot be read: left out');
      continue;
    }
    const candidate = evidence.addCandidate(message, bytes, header?.time_ms ?? 0);
    candidate.kept = true;
    const { slot, block } = candidate;
    const parent = parentOf(message);
    events.push({ type: 'candidate', slot, block, parent, endsEpoch: endsEpoch(header) });
  }
  return events;
}

function readHeader(bytes: Uint8Array): Header | undefined {
  try {
    return decodeHeader(bytes);
  } catch {
    return undefined;
  }
}
