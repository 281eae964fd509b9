// Small checks from which those of EPCIS documents are put together: each looks at one value and reports what is wrong with
// it. The forms are those of the official JSON Schema (draft-07 with formats `uri` and `date-time`).

import { expandName } from './context.ts';
import { parseTime } from './time.ts';
import type { EpcisContext, EpcisProblem } from './types.ts';
import { VOCABULARIES } from './vocabulary.ts';

/** What a check may know and where it reports to. */
export interface Inspection {
  readonly context: EpcisContext;
  /** Reports beyond a few are dropped: the first ones say enough. */
  report(path: string, message: string): void;
}

export type Check = (value: unknown, path: string, inspection: Inspection) => void;

const PROBLEMS_MAX = 16;
/** JSON names on the way to a value, as they are shown in a problem. */
const PATH_LENGTH_MAX = 256;
/** Levels of objects and arrays in one event or document head: extensions nest a few, attacks thousands. */
const DEPTH_MAX = 32;
const URI = /^[A-Za-z][A-Za-z0-9+.-]*:(?:[\w.~!$&'()*+,;=:@/?#[\]-]|%[0-9A-Fa-f]{2})*$/;
const URI_LENGTH_MAX = 2048;
const LIST_LENGTH_MAX = 100_000;

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** True for an absolute URI (RFC 3986), which a compact name with a prefix also is. */
export const isUri = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= URI_LENGTH_MAX && URI.test(value);

/** Runs `check` over `value` and gives what it reported, at most 16 problems. */
export function problemsOf(check: Check, value: unknown, context: EpcisContext): EpcisProblem[] {
  const problems: EpcisProblem[] = [];
  const inspection: Inspection = {
    context,
    report: (path, message) => {
      if (problems.length < PROBLEMS_MAX)
        problems.push({ path: path.slice(0, PATH_LENGTH_MAX), message });
    },
  };
  const unfit = unfitText(value, 0);
  if (unfit !== undefined) inspection.report('', unfit);
  else check(value, '', inspection);
  return problems;
}

/** Says why a value must not even be looked at: nesting, numbers and text that no other party would read the same. */
function unfitText(value: unknown, depth: number): string | undefined {
  if (depth > DEPTH_MAX) return `Nested deeper than ${DEPTH_MAX} levels.`;
  if (typeof value === 'string') {
    return /\p{Surrogate}/u.test(value) ? 'A text is not well-formed Unicode.' : undefined;
  }
  if (typeof value === 'number' && !Number.isFinite(value)) return 'A number is out of range.';
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, item] of Object.entries(value)) {
    const unfit = unfitText(name, depth) ?? unfitText(item, depth + 1);
    if (unfit !== undefined) return unfit;
  }
  return undefined;
}

/** One step further down, as in a JSON pointer (RFC 6901). */
export const below = (path: string, name: string | number): string =>
  `${path}/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;

const simple =
  (holds: (value: unknown) => boolean, message: string): Check =>
  (value, path, { report }) => {
    if (!holds(value)) report(path, message);
  };

export const anything: Check = () => {};
export const text = simple((v) => typeof v === 'string', 'This must be text.');
export const uri = simple(isUri, 'This must be a URI.');
export const number = simple((v) => typeof v === 'number', 'This must be a number.');
export const boolean = simple((v) => typeof v === 'boolean', 'This must be true or false.');
export const time = simple(
  (v) => typeof v === 'string' && parseTime(v) !== null,
  'This must be a date and time with a time zone, for example 2026-01-31T08:00:00+08:00.',
);

export const matching = (pattern: RegExp, message: string): Check =>
  simple((v) => typeof v === 'string' && pattern.test(v), message);

export const oneOf = (...words: string[]): Check =>
  simple(
    (v) => typeof v === 'string' && words.includes(v),
    `This must be one of ${words.join(', ')}.`,
  );

/** GS1's own addresses of terms are not written out in JSON: their bare words are (JSON Schema, vocab-other-uri). */
const WRITTEN_OUT = /^(?:urn:epcglobal:cbv|https?:\/\/ns\.gs1\.org\/cbv\/)/;
const WRITTEN_OUT_WEB = /^https?:\/\/(?:www\.)?gs1\.org\/voc\//;

/** A standard word of the field at `field`, or a URI of somebody's own vocabulary. */
export function standardWord(field: string): Check {
  const { words, uri: stem } = VOCABULARIES.get(field)!;
  const isWeb = WRITTEN_OUT_WEB.test(stem);
  return (value, path, { context, report }) => {
    if (typeof value === 'string' && words.has(value)) return;
    if (!isUri(value)) {
      report(path, 'This is no standard value of CBV 2.0, and no URI of another vocabulary.');
    } else if ((isWeb ? WRITTEN_OUT_WEB : WRITTEN_OUT).test(value)) {
      report(path, 'Write a standard value as its bare word.');
    } else if (!isWeb) {
      const full = expandName(value, context);
      if (full.startsWith(stem) && !words.has(full.slice(stem.length))) {
        report(path, 'CBV 2.0 has no such value in its own namespace.');
      }
    }
  };
}

export interface ListRules {
  readonly min?: number;
  readonly unique?: boolean;
}

export function list(item: Check, { min = 0, unique = false }: ListRules = {}): Check {
  return (value, path, inspection) => {
    if (!Array.isArray(value)) return inspection.report(path, 'This must be a list.');
    if (value.length < min) inspection.report(path, `This list needs at least ${min} entries.`);
    if (value.length > LIST_LENGTH_MAX) {
      return inspection.report(path, `This list may have at most ${LIST_LENGTH_MAX} entries.`);
    }
    value.forEach((entry, i) => {
      item(entry, below(path, i), inspection);
    });
    if (unique && new Set(value.map((entry) => JSON.stringify(entry))).size < value.length) {
      inspection.report(path, 'An entry of this list comes twice.');
    }
  };
}

export type Fields = Readonly<Record<string, Check>>;

export interface ObjectRules {
  readonly required?: readonly string[];
  /** Which other names are allowed: none, those that are URIs (extensions), or any. Default `uri`. */
  readonly others?: 'none' | 'uri' | 'any';
}

export function object(fields: Fields, { required = [], others = 'uri' }: ObjectRules = {}): Check {
  return (value, path, inspection) => {
    if (!isRecord(value)) return inspection.report(path, 'This must be an object.');
    for (const name of required) {
      if (!Object.hasOwn(value, name)) inspection.report(below(path, name), 'This is missing.');
    }
    for (const [name, entry] of Object.entries(value)) {
      if (Object.hasOwn(fields, name)) fields[name]!(entry, below(path, name), inspection);
      else if (others === 'none' || (others === 'uri' && !isUri(name))) {
        inspection.report(
          below(path, name),
          'There is no such field; an extension has a prefix, as in example:field.',
        );
      }
    }
  };
}

/** The checks one after the other. */
export const both =
  (...checks: Check[]): Check =>
  (value, path, inspection) => {
    for (const check of checks) check(value, path, inspection);
  };
