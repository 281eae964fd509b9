// The record of a document: a file named by its SHA-256, who issued it, what it is about and how long it holds
// (docs/formats.md §5). The file itself is kept outside the ledger.

import { bytesToHex } from '../../encoding/bytes.ts';
import type { CborObject, CborValue } from '../../encoding/types.ts';
import { AppError } from '../../errors.ts';
import type { StateReader, StateWrite } from '../types.ts';

export const DOCUMENT_KINDS = [
  'photo',
  'laboratory-report',
  /** 承诺达标合格证, MARA order 4/2025. */
  'conformity',
  'gi-authorisation',
  'licence',
  'calibration',
  'audit',
  'invoice',
  'other',
] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

/** What the law wants a conformity certificate to rest on. */
export const CONFORMITY_BASES = [
  'commissioned-test',
  'self-test',
  'internal-control',
  'self-commitment',
] as const;

export interface Document {
  /** SHA-256 of the file, 32 bytes, whatever the ledger's profile. */
  readonly hash: Uint8Array;
  readonly kind: DocumentKind;
  readonly mime: string;
  readonly size_bytes: number;
  readonly title: string;
  readonly issuer: string;
  /** The issuer's own number of it. */
  readonly number?: string;
  readonly issuedAt: number;
  readonly validFrom: number;
  /** First moment at which it no longer holds; absent: for ever. */
  readonly validUntil?: number;
  /** State keys of what it is about: lots, places, devices, accounts, products. */
  readonly subjects: readonly string[];
  /** Of an audit: how much it vouches for, in the unit of the product. */
  readonly amount?: number;
  /** Of an audit: when the youngest of it was harvested. */
  readonly born?: number;
  /** Of a conformity certificate. */
  readonly conformity?: {
    readonly amount: number;
    readonly origin: string;
    readonly basis: readonly (typeof CONFORMITY_BASES)[number][];
  };
  /** Of a laboratory report: `value` × 10^-`decimals` in `uom`. */
  readonly results?: readonly {
    readonly name: string;
    readonly value: number;
    readonly decimals: number;
    readonly uom: string;
  }[];
  readonly status: 'valid' | 'revoked';
  readonly revokedAt?: number;
  readonly reason?: string;
  /** The file may not be shown, by order of a regulator; its hash stays. */
  readonly shielded?: true;
  readonly tx: Uint8Array;
}

export function documentKey(hash: Uint8Array): string {
  return `documents/${bytesToHex(hash)}`;
}

/** Where the hashes of the documents about a subject stand, oldest first; absent: none. */
export function documentListKey(subject: string): string {
  return `document-list/${subject}`;
}

/** A value that the rules wrote, as its type: only for values from a certified state. */
export function toDocument(value: CborValue): Document {
  return value as unknown as Document;
}

export function documentWrite(document: Document): StateWrite {
  return { key: documentKey(document.hash), value: document as unknown as CborObject };
}

export function getDocument(state: StateReader, hash: Uint8Array): Document | undefined {
  const value = state.get(documentKey(hash));
  return value === undefined ? undefined : toDocument(value);
}

export function getDocumentList(state: StateReader, subject: string): readonly Uint8Array[] {
  return (state.get(documentListKey(subject)) as Uint8Array[] | undefined) ?? [];
}

/**
 * The document, if it holds at `time_ms`, is of the kind and about the subject. Throws `documents/unknown`, `documents/wrong-kind`,
 * `documents/other-subject`, `documents/revoked` or `documents/expired`.
 */
export function requireDocument(
  state: StateReader,
  hash: Uint8Array,
  wanted: { readonly kind: DocumentKind; readonly subject: string; readonly time_ms: number },
): Document {
  const document = getDocument(state, hash);
  if (document === undefined) {
    throw new AppError('documents/unknown', 'There is no such document; register it first.', {
      document: bytesToHex(hash),
    });
  }
  if (document.kind !== wanted.kind) {
    throw new AppError(
      'documents/wrong-kind',
      `This needs a document of the kind ${wanted.kind}, not ${document.kind}.`,
    );
  }
  if (!document.subjects.includes(wanted.subject)) {
    throw new AppError('documents/other-subject', 'The document is about something else.', {
      subject: wanted.subject,
    });
  }
  if (document.status === 'revoked') {
    throw new AppError('documents/revoked', 'The document was revoked; get a new one.');
  }
  const expired = document.validUntil !== undefined && wanted.time_ms >= document.validUntil;
  if (expired || wanted.time_ms < document.validFrom) {
    throw new AppError('documents/expired', 'The document does not hold at this time.', {
      validFrom: document.validFrom,
    });
  }
  return document;
}
