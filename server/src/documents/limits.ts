// What the file store may hold and do at once.

import { DOCUMENT_SIZE_BYTES_MAX } from '@suyuan/contracts';

export const DOCUMENT_LIMITS = {
  size_bytes: DOCUMENT_SIZE_BYTES_MAX,
  /** Uploads at once: each holds a file and a chunk. */
  uploads: 16,
  /** How long a file waits for its record on the ledger. */
  pending_ms: 3_600_000,
  /** Files that wait for their record: the share of the disk that strangers can fill. */
  pendingFiles: 256,
  pendingBytes: 512 * 1024 * 1024,
  /** Of one client, so that none can take the place of all. */
  pendingFilesPerClient: 32,
} as const;

export type DocumentLimits = { readonly [K in keyof typeof DOCUMENT_LIMITS]: number };
