// Labels of a batch file on paper: sheets as PDF, single codes as SVG or PNG.

import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { buildDigitalLink } from '@suyuan/contracts';
import { LABEL_PRESETS, type Label, qrPng, qrSvg, writeLabelSheets } from '@suyuan/paper';
import { CliError, systemCodeOf } from '../errors.ts';
import { cannotWrite, uintOption, writeFileOr } from '../io.ts';
import { type BatchFile, readBatchFile } from './batch-file.ts';

export interface SheetOptions {
  readonly layout: string;
  readonly out: string;
  readonly codes?: string;
  readonly from?: string;
  readonly to?: string;
  readonly resolver?: string;
  readonly cropMarks?: true;
  readonly json?: true;
}

export async function printSheets(path: string, options: SheetOptions): Promise<void> {
  const preset = Object.values(LABEL_PRESETS).find(({ name }) => name === options.layout);
  if (preset === undefined)
    throw new CliError(`--layout must be one of: ${Object.keys(LABEL_PRESETS).join(', ')}`);
  const batch = await readBatchFile(path);
  const { hidden, serials } = batch;
  if (hidden !== (options.codes !== undefined)) {
    throw new CliError(
      hidden
        ? 'the batch has hidden codes: say with --codes where their sheets go'
        : 'the batch has no hidden codes: leave --codes out',
    );
  }
  if (options.codes === options.out) throw new CliError('--out and --codes must be two files');
  const from = uintOption(options.from ?? '1', '--from', serials.length);
  const to = uintOption(options.to ?? String(serials.length), '--to', serials.length);
  if (from === 0 || from > to) throw new CliError(`labels are counted from 1 to ${serials.length}`);
  const sheets = draftFile(options.out, 0o644);
  const codes = options.codes === undefined ? undefined : draftFile(options.codes, 0o600);
  try {
    const made = await writeLabelSheets(sheets.stream, labelsOf(batch, from, to, options), {
      layout: {
        ...preset,
        ...(hidden ? { hiddenPanel: true } : {}),
        ...(options.cropMarks === undefined ? {} : { cropMarks: true }),
      },
      created_ms: Date.now(),
      ...(codes === undefined ? {} : { codes: codes.stream }),
    });
    await sheets.keep();
    await codes?.keep();
    if (options.json) console.log(JSON.stringify({ file: options.out, ...made }));
    else console.log(`printed  ${made.labels} labels on ${made.pages} pages in ${options.out}`);
  } catch (error) {
    throw systemCodeOf(error) === undefined ? error : cannotWrite(options.out, error);
  } finally {
    await sheets.drop();
    await codes?.drop();
  }
}

function* labelsOf(
  batch: BatchFile,
  from: number,
  to: number,
  { resolver }: Pick<SheetOptions, 'resolver'>,
): Generator<Label> {
  const { name, net, unit, serials, codes } = batch;
  for (let i = from - 1; i < to; i++) {
    const code = codes?.[i];
    yield {
      link: linkOf(batch, serials[i] ?? '', resolver),
      name,
      net: { amount: net, unit },
      ...(code === undefined ? {} : { hiddenCode: code }),
    };
  }
}

export function linkOf(batch: BatchFile, serial: string, resolver?: string): string {
  return buildDigitalLink(
    [
      { ai: '01', value: batch.gtin },
      { ai: '10', value: batch.lot },
      { ai: '21', value: serial },
    ],
    { stem: resolver ?? batch.resolver },
  );
}

/** A file that takes its name when it is whole. */
function draftFile(path: string, mode: number) {
  const draft = `${path}.${randomUUID()}`;
  const stream = createWriteStream(draft, { flags: 'wx', mode });
  return {
    stream,
    keep: () => rename(draft, path),
    drop: () => rm(draft, { force: true }),
  };
}

export interface OneOptions {
  readonly serial: string;
  readonly format: string;
  readonly out?: string;
  readonly resolver?: string;
}

export async function printOne(path: string, options: OneOptions): Promise<void> {
  const batch = await readBatchFile(path);
  if (!batch.serials.includes(options.serial))
    throw new CliError(`${path} has no serial ${options.serial}`);
  const link = linkOf(batch, options.serial, options.resolver);
  const picture = options.format === 'svg' ? qrSvg(link) : qrPng(link);
  if (options.out === undefined) process.stdout.write(picture);
  else await writeFileOr(options.out, picture);
}
