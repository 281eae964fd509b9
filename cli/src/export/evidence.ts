// The evidence file: the bundle is verified here first, and only what it proves is written into the readable part.

import { createHash } from 'node:crypto';
import { Writable } from 'node:stream';
import {
  bytesToHex,
  type Document,
  decodeCbor,
  getAccount,
  type Lot,
  lotKey,
  type Shipment,
  type StateReader,
  toShipment,
} from '@suyuan/contracts';
import type { CheckedBundle, Subject } from '@suyuan/contracts/verify';
import {
  type EvidenceDocument,
  type TraceRecord,
  timeZone,
  writeEvidencePdf,
  writeZip,
  type ZipPart,
  type ZipPartDigest,
} from '@suyuan/paper';
import { documentFileName, documentsIn, evidenceReadme, traceRecordOf } from '@suyuan/server';
import { type FetchedBundle, fetchBundle } from '../checked-bundle.ts';
import { CliError } from '../errors.ts';
import { request } from '../http.ts';
import { saveWhole } from './save.ts';

export interface EvidenceFile {
  readonly fetched: FetchedBundle;
  readonly files: readonly ZipPartDigest[];
  /** Hex hashes of documents whose files the server did not give. */
  readonly missing: readonly string[];
}

const ZONE = 'Asia/Shanghai';
/** All documents' files of one evidence file are held until it is written. */
const DOCUMENTS_BYTES_MAX = 256 * 1024 * 1024;

/** Throws BundleError where a link does not close: then no file is written. */
export async function saveEvidence(
  server: URL,
  link: string,
  subject: Subject & { readonly lot: string },
  options: { readonly out: string; readonly genesis?: string },
): Promise<EvidenceFile> {
  const url = new URL('/api/v1/exports/evidence', server);
  url.searchParams.set('gtin', subject.gtin);
  url.searchParams.set('lot', subject.lot);
  if (subject.serial !== undefined) url.searchParams.set('serial', subject.serial);
  url.searchParams.set('format', 'bundle');
  const fetched = await fetchBundle(server, url, options.genesis);
  assertSubject(fetched.checked, subject);
  const created_ms = Date.now();
  const documents = documentsIn(fetched.checked.bundle.state);
  const { files: papers, missing } = await filesOf(server, documents);
  const readme = evidenceReadme(bytesToHex(fetched.genesis), missing, true);
  const parts = [
    { name: 'bundle.cbor', data: fetched.bytes, stored: true },
    ...papers,
    { name: 'README.txt', data: Buffer.from(readme, 'utf8') },
  ];
  const pdf = await renderPdf(link, fetched, documents, created_ms, parts.map(digestOf));
  const zipped: ZipPart[] = [{ name: 'evidence.pdf', data: pdf, stored: true }, ...parts];
  let files: readonly ZipPartDigest[] = [];
  await saveWhole(options.out, async (out) => {
    files = await writeZip(out, zipped, { created_ms, manifest: 'manifest.json' });
  });
  return { fetched, files, missing };
}

/** A server could answer with a bundle that holds, of something else. */
function assertSubject({ bundle: { link } }: CheckedBundle, asked: Subject): void {
  if (link.gtin === asked.gtin && link.lot === asked.lot && link.serial === asked.serial) return;
  throw new CliError(
    'the server answered with the evidence of something else; nothing was written',
  );
}

async function renderPdf(
  link: string,
  { checked, verdict }: FetchedBundle,
  documents: readonly Document[],
  created_ms: number,
  files: readonly ZipPartDigest[],
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const out = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  await writeEvidencePdf(out, {
    link,
    verdict,
    created_ms,
    zone: { name: ZONE, offset: timeZone(ZONE) },
    lineage: lineageIn(checked),
    documents: documents.map((one) => documentLine(checked.state, one, verdict.chain.time_ms)),
    files,
  });
  return Buffer.concat(chunks);
}

/** The lots of the chain as the verified state shows them, with the shipments that it shows. */
export function lineageIn({ bundle, state, inner }: CheckedBundle): TraceRecord[] {
  const shipments = bundle.state.flatMap(({ key, value }) =>
    value !== null && key.startsWith('shipments/') ? [toShipment(decodeCbor(value))] : [],
  );
  return inner.lineage.lots.map((lot) => traceRecordOf(state, lot, withLot(shipments, lot)));
}

function withLot(shipments: readonly Shipment[], lot: Lot): Shipment[] {
  const name = lotKey(lot.gtin, lot.lot);
  return shipments
    .filter(({ items }) => items.some((item) => lotKey(item.gtin, item.lot) === name))
    .sort((a, b) => a.shippedAt - b.shippedAt);
}

function documentLine(state: StateReader, one: Document, head_ms: number): EvidenceDocument {
  const { hash, kind, title, issuer, issuedAt } = one;
  return {
    hash: bytesToHex(hash),
    kind,
    title,
    issuer: getAccount(state, issuer)?.name ?? { zh: issuer, en: issuer },
    issuedAt_ms: issuedAt,
    standing: standingOf(one, head_ms),
  };
}

function standingOf(one: Document, head_ms: number): string {
  if (one.status === 'revoked') return '已撤销 revoked';
  if (head_ms < one.validFrom) return '未生效 not yet valid';
  const expired = one.validUntil !== undefined && head_ms >= one.validUntil;
  return expired ? '已过期 expired' : '有效 valid';
}

/** A file whose SHA-256 is not that of its record is as good as none. */
async function filesOf(
  server: URL,
  documents: readonly Document[],
): Promise<{ files: Part[]; missing: string[] }> {
  const files: Part[] = [];
  const missing: string[] = [];
  let held_bytes = 0;
  for (const document of documents) {
    const hash = bytesToHex(document.hash);
    const data = await fileOf(server, hash);
    if (data === undefined) {
      missing.push(hash);
      continue;
    }
    held_bytes += data.length;
    if (held_bytes > DOCUMENTS_BYTES_MAX)
      throw new CliError('the documents have more than 256 MiB; fetch them one by one');
    files.push({ name: documentFileName(document), data, stored: true });
  }
  return { files, missing };
}

interface Part {
  readonly name: string;
  readonly data: Uint8Array;
  readonly stored?: boolean;
}

const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

async function fileOf(server: URL, hash: string): Promise<Uint8Array | undefined> {
  try {
    const data = await request(new URL(`/api/v1/documents/${hash}`, server));
    return sha256(data) === hash ? data : undefined;
  } catch (error) {
    if (error instanceof CliError) return undefined;
    throw error;
  }
}

function digestOf({ name, data }: Part): ZipPartDigest {
  return { name, size_bytes: data.length, sha256: sha256(data) };
}
