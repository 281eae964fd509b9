// A Final certificate as peers send it, and as blocks and light clients have it.

import { AppError, decodeCertificate, encodeCertificate } from '@suyuan/contracts';
import type { CertificateMessage } from './types.ts';

/** The bytes for the block log (docs/formats.md §4). Throws `consensus/bad-message` for a certificate that finalises nothing. */
export function toFinalCertificate(message: CertificateMessage): Uint8Array {
  const { kind, epoch, slot, block, signatures } = message;
  if (kind !== 'final' || block === null) {
    throw new AppError(
      'consensus/bad-message',
      `A ${kind} certificate finalises no block; hand over the final one.`,
      { slot },
    );
  }
  return encodeCertificate({ epoch, slot, blockHash: block, signatures });
}

/** Throws `certificate/*`, `cbor/*` or `format/*`. */
export function fromFinalCertificate(certificate: Uint8Array): CertificateMessage {
  const { epoch, slot, blockHash, signatures } = decodeCertificate(certificate);
  return { type: 'certificate', kind: 'final', epoch, slot, block: blockHash, signatures };
}
