// The issuer's own copy of a label batch: serials, hidden codes, and what was asked of the ledger. Nobody else has the codes.

import { randomUUID } from 'node:crypto';
import { link, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { HIDDEN_CODE, LABEL_BATCH_UNITS_MAX } from '@suyuan/contracts';
import { nodeDisk } from '@suyuan/durable';
import { CliError, systemCodeOf } from '../errors.ts';
import { cannotWrite, readJson } from '../io.ts';
import type { Units } from './units.ts';

export interface BatchFile extends Units {
  readonly v: 1;
  readonly issuer: string;
  /** Origin of the node that it was issued at. */
  readonly server: string;
  /** What the links on the labels begin with. */
  readonly resolver: string;
  readonly gtin: string;
  readonly lot: string;
  readonly batch: string;
  readonly name: { readonly zh: string; readonly en: string };
  readonly unit: 'g' | 'count';
  readonly net: number;
  readonly hidden: boolean;
  /** Hex. */
  readonly root: string;
  /** Hex: the same request again is never a second one. */
  readonly idempotencyKey: string;
}

const AI_TEXT = /^[!-"%-/0-9A-Z_a-z:;<=>?]{1,20}$/;

/** Writes a file that must not exist yet, mode 0600, whole and durable on return. Throws CliError. */
export async function writeBatchFile(path: string, batch: BatchFile): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(batch)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    // Unlike a rename, a link never takes the place of a file.
    await link(draft, path);
    await nodeDisk.syncDirectory(dirname(path));
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST')
      throw new CliError(`${path} exists; batch files are never overwritten`);
    throw cannotWrite(path, error);
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

/** Throws CliError for what is no batch file. */
export async function readBatchFile(path: string): Promise<BatchFile> {
  const value = await readJson(path, 'batch file');
  if (isBatchFile(value)) return value;
  throw new CliError(`${path} is not a batch file; suyuan labels issue makes one`);
}

function isBatchFile(value: unknown): value is BatchFile {
  if (typeof value !== 'object' || value === null) return false;
  const file = value as Record<keyof BatchFile, unknown>;
  const texts = [file.issuer, file.server, file.resolver, file.root, file.idempotencyKey];
  const name = file.name as Record<string, unknown> | null | undefined;
  return (
    file.v === 1 &&
    texts.every((text) => typeof text === 'string') &&
    [file.lot, file.batch].every((text) => typeof text === 'string' && AI_TEXT.test(text)) &&
    /^[0-9a-f]{64} [0-9a-f]{32} \d{14}$/.test(
      `${file.root} ${file.idempotencyKey} ${String(file.gtin)}`,
    ) &&
    typeof name?.zh === 'string' &&
    typeof name.en === 'string' &&
    (file.unit === 'g' || file.unit === 'count') &&
    Number.isSafeInteger(file.net) &&
    isList(file.serials, AI_TEXT) &&
    (file.hidden === true
      ? isList(file.codes, HIDDEN_CODE) && file.codes.length === file.serials.length
      : file.hidden === false && file.codes === undefined)
  );
}

function isList(value: unknown, pattern: RegExp): value is string[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= LABEL_BATCH_UNITS_MAX &&
    value.every((text) => typeof text === 'string' && pattern.test(text))
  );
}
