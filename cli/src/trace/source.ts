// What a trace begins with, as people write it: a link, a lot, or a place, device, account or document by its kind.

import { isGln, isGtin14, parseDigitalLink, type TraceSeed } from '@suyuan/contracts';
import { CliError } from '../errors.ts';

export interface TraceStart {
  /** Under /api/v1. */
  readonly path: string;
  /** The lot, where the trace begins with one: only then can it be proven. */
  readonly seed?: TraceSeed;
  /** Of an absolute link: where it points. */
  readonly origin?: string;
}

const HELP = 'give a GS1 Digital Link, GTIN/LOT, place:GLN, device:ID, account:ID or document:HASH';
const LOT = /^[!"%-/0-9A-Z_a-z:;<=>?]{1,20}$/;
const ID = /^[0-9A-Za-z][0-9A-Za-z._-]{1,62}$/;
const KINDS: Readonly<Record<string, { readonly path: string; isIt(id: string): boolean }>> = {
  place: { path: 'places', isIt: isGln },
  device: { path: 'devices', isIt: (id) => ID.test(id) },
  account: { path: 'accounts', isIt: (id) => ID.test(id) },
  document: { path: 'documents', isIt: (id) => /^[0-9a-f]{64}$/.test(id) },
};

/** Throws CliError, or `gs1/*` for a broken link. */
export function traceStart(text: string): TraceStart {
  const [, kind = '', id = ''] = /^([a-z]+):(?!\/\/)(.*)$/.exec(text) ?? [];
  const known = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (known !== undefined) {
    if (!known.isIt(id)) throw new CliError(`${text}: that is no ${kind} id; ${HELP}`);
    return { path: `trace/${known.path}/${id}` };
  }
  if (/^(https?:\/\/|\/)/.test(text)) return linkStart(text);
  return lotStart(seedOf(text));
}

/** `GTIN/LOT`. Throws CliError. */
export function seedOf(text: string): TraceSeed {
  const [, gtin = '', lot = ''] = /^(\d{14})\/(.+)$/.exec(text) ?? [];
  if (!isGtin14(gtin) || !LOT.test(lot)) {
    throw new CliError(
      `${text} names no lot: write GTIN/LOT, the GTIN with 14 digits and its check digit, for example 09520000009019/L1`,
    );
  }
  return { gtin, lot };
}

/** As `GTIN/LOT`. */
export function lotText({ gtin, lot }: TraceSeed): string {
  return `${gtin}/${lot}`;
}

export function lotPath({ gtin, lot }: TraceSeed): string {
  return `${gtin}/${encodeURIComponent(lot)}`;
}

function lotStart(seed: TraceSeed): TraceStart {
  return { path: `trace/lots/${lotPath(seed)}`, seed };
}

function linkStart(text: string): TraceStart {
  const absolute = /^https?:\/\//.test(text);
  if (absolute && !URL.canParse(text)) throw new CliError(`${text} is not a web address; ${HELP}`);
  const url = absolute ? text : new URL(text, 'https://id.gs1.org').href;
  const { key, qualifiers } = parseDigitalLink(url);
  const qualifier = (ai: string) => qualifiers.find((one) => one.ai === ai)?.value;
  const lot = qualifier('10');
  if (key.ai === '414') return { path: `trace/places/${key.value}` };
  if (key.ai !== '01' || lot === undefined) {
    throw new CliError(`${text} names no lot: a trace begins with a link like /01/GTIN/10/LOT`);
  }
  const seed = { gtin: key.value, lot };
  const serial = qualifier('21');
  const start =
    serial === undefined
      ? lotStart(seed)
      : { path: `trace/units/${lotPath(seed)}/${encodeURIComponent(serial)}`, seed };
  return { ...start, ...(absolute ? { origin: new URL(text).origin } : {}) };
}
