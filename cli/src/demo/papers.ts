// Papers: a short text each, handed in as a file and registered by its hash under its issuer's key.

import { createHash } from 'node:crypto';
import { bytesToHex, type CborObject, documentKey } from '@suyuan/contracts';
import { CliError } from '../errors.ts';
import type { Teller } from './teller.ts';

export interface Paper {
  readonly issuer: string;
  readonly kind: string;
  readonly title: string;
  readonly number: string;
  readonly time_ms: number;
  readonly validUntil_ms?: number;
  /** State keys that it is about. */
  readonly subjects: readonly string[];
  readonly lines: readonly string[];
  /** The fields of its kind. */
  readonly fields?: CborObject;
}

/** Registers it, hands its file in, and gives its hash (32 bytes). */
export async function filePaper(teller: Teller, paper: Paper): Promise<Uint8Array> {
  const text = [paper.title, paper.number, ...paper.lines, ''].join('\n');
  const bytes = new TextEncoder().encode(text);
  const hash = new Uint8Array(createHash('sha256').update(bytes).digest());
  const { validUntil_ms } = paper;
  await teller.act(paper.issuer, {
    module: 'documents',
    action: 'register',
    payload: {
      hash,
      kind: paper.kind,
      mime: 'text/plain',
      size_bytes: bytes.length,
      title: paper.title,
      number: paper.number,
      issuedAt: paper.time_ms,
      validFrom: paper.time_ms,
      ...(validUntil_ms === undefined ? {} : { validUntil: validUntil_ms }),
      subjects: [...paper.subjects],
      ...paper.fields,
    },
    done: documentKey(hash),
  });
  const url = `http://127.0.0.1:${teller.house.httpPort}/api/v1/documents`;
  const response = await fetch(url, {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream' },
    body: bytes,
  });
  if (!response.ok)
    throw new CliError(`the paper ${bytesToHex(hash)} was not taken: ${await response.text()}`);
  await response.arrayBuffer();
  return hash;
}
