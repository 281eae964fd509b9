// GS1 Digital Link URIs, read: key and qualifiers from the path, attributes from the query (GS1 Digital Link URI Syntax
// §4, §5.7). A link comes from a label that anyone can print, so everything in it is validated.

import { AppError } from '../errors.ts';
import { AI_TABLE, qualifierSequences } from './ai-table.ts';
import { type AiElement, assertAiValue } from './ai-value.ts';
import { ALPHA_TO_AI } from './alphas.ts';
import { toElementString } from './element-string.ts';
import { decodePercent, decodeText } from './percent.ts';

export interface DigitalLink {
  readonly key: AiElement;
  /** In the order of the path. */
  readonly qualifiers: readonly AiElement[];
  /** The AIs of the query, in its order. */
  readonly attributes: readonly AiElement[];
  /** Everything else in the query, decoded; the value is '' where there is no `=`. */
  readonly otherQuery: readonly (readonly [name: string, value: string])[];
  /** Scheme, host and the path before the key, without a slash at the end. */
  readonly stem: string;
  /** All elements as a barcode holds them, `^` standing for FNC1. */
  elementString(): string;
}

export interface DigitalLinkOptions {
  /** Lengths in which a GTIN (01) is accepted; it becomes 14 digits. Default 13 and 14. */
  readonly gtinLengths?: readonly (8 | 12 | 13 | 14)[];
  /** Accept the short names that early links used (`gtin`, `lot`, `ser`, …). Default false. */
  readonly alphas?: boolean;
  /** Accept numeric query names that are no known AI as attributes. Default false. */
  readonly unknownAis?: boolean;
}

/** Far above what any QR code for a phone holds. */
const URI_LENGTH_MAX = 4096;
/** Elements of one link. */
const ELEMENTS_MAX = 64;
// RFC 3986 characters; the host is a name, an address or a bracketed address, with a port, and never a user.
const URI = /^[\w\-.~:/?#[\]@!$&'()*+,;=%]*$/;
const STEM = /^(https?|HTTPS?):\/\/[A-Za-z0-9.\-:[\]]+(?=\/)/;

function malformed(message: string): AppError {
  return new AppError('gs1/not-a-digital-link', message);
}

/** True if `qualifiers` are some of a sequence that the key allows, in its order; `extra` must fit in somewhere. */
export function fitsKey(key: string, qualifiers: readonly string[], extra?: string): boolean {
  return (qualifierSequences(key) ?? []).some((sequence) => {
    const inOrder = sequence.filter((ai) => qualifiers.includes(ai));
    return (
      inOrder.length === qualifiers.length &&
      inOrder.every((ai, i) => ai === qualifiers[i]) &&
      (extra === undefined || (sequence.includes(extra) && !qualifiers.includes(extra)))
    );
  });
}

/** One element of a link, its GTIN padded, validated. Throws `gs1/unknown-ai` or `gs1/bad-value`. */
export function validElement(
  ai: string,
  value: string,
  options: DigitalLinkOptions = {},
): AiElement {
  const isShortGtin =
    ai === '01' &&
    value.length < 14 &&
    (options.gtinLengths ?? [13, 14]).some((length) => length === value.length);
  const full = isShortGtin ? value.padStart(14, '0') : value;
  assertAiValue(ai, full);
  return { ai, value: full };
}

interface PathParts {
  readonly stem: string;
  readonly elements: AiElement[];
}

function parsePath(beforeQuery: string, options: DigitalLinkOptions): PathParts {
  const origin = STEM.exec(beforeQuery)?.[0];
  if (origin === undefined) {
    throw malformed('A Digital Link begins with http:// or https://, a host and a path.');
  }
  const segments = beforeQuery.slice(origin.length + 1).split('/');
  const aiOf = (segment: string): string =>
    (options.alphas === true && Object.hasOwn(ALPHA_TO_AI, segment)
      ? ALPHA_TO_AI[segment]
      : undefined) ?? segment;
  // The rightmost key counts: what stands before it is the resolver's own path, whatever it looks like.
  let start = segments.length - 2;
  while (start >= 0 && qualifierSequences(aiOf(segments[start]!)) === undefined) start -= 2;
  if (start < 0) throw malformed('The path holds no GS1 key: this is another kind of link.');
  const elements: AiElement[] = [];
  for (let i = start; i < segments.length; i += 2) {
    const value = decodePercent(segments[i + 1]!, false);
    elements.push(validElement(aiOf(segments[i]!), value, options));
  }
  return { stem: [origin, ...segments.slice(0, start)].join('/'), elements };
}

interface QueryParts {
  readonly attributes: AiElement[];
  readonly otherQuery: [string, string][];
}

function parseQuery(query: string, options: DigitalLinkOptions): QueryParts {
  const attributes: AiElement[] = [];
  const otherQuery: [string, string][] = [];
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = equals < 0 ? pair : pair.slice(0, equals);
    const isAi = equals >= 0 && /^\d+$/.test(name);
    const encoded = equals < 0 ? '' : pair.slice(equals + 1);
    const value = isAi ? decodePercent(encoded, true) : '';
    if (!isAi) {
      otherQuery.push([decodeText(name), decodeText(encoded)]);
    } else if (options.unknownAis === true && /^\d{2,4}$/.test(name) && !AI_TABLE.has(name)) {
      // What is known of an unknown AI is only what holds for all: the widest format is that of (99).
      assertAiValue('99', value);
      attributes.push({ ai: name, value });
    } else {
      attributes.push(validElement(name, value, options));
    }
    if (attributes.length + otherQuery.length > ELEMENTS_MAX) {
      throw malformed(`A Digital Link has at most ${ELEMENTS_MAX} query parameters.`);
    }
  }
  return { attributes, otherQuery };
}

/** Throws unless `ai` may be an attribute of a link with this path. */
export function assertAttribute(ai: string, path: readonly AiElement[]): void {
  const [key, ...qualifiers] = path.map((element) => element.ai);
  if (fitsKey(key!, qualifiers, ai)) {
    throw new AppError('gs1/belongs-in-path', `(${ai}) qualifies the key: write it in the path.`, {
      ai,
    });
  }
  if (AI_TABLE.get(ai)?.attribute === false) {
    throw new AppError('gs1/not-an-attribute', `(${ai}) must not stand in a link's query.`, { ai });
  }
}

/**
 * Reads a Digital Link. A GTIN comes back with 14 digits. Throws `gs1/not-a-digital-link`, `gs1/bad-percent-encoding`,
 * `gs1/unknown-ai`, `gs1/bad-value`, `gs1/bad-qualifiers`, `gs1/belongs-in-path`, `gs1/not-an-attribute` or
 * `gs1/duplicate-ai`.
 */
export function parseDigitalLink(uri: string, options: DigitalLinkOptions = {}): DigitalLink {
  if (typeof uri !== 'string' || uri.length > URI_LENGTH_MAX || !URI.test(uri)) {
    throw malformed(
      'A Digital Link is a web address without blanks, quotes or letters beyond ASCII.',
    );
  }
  const [withoutFragment = ''] = uri.split('#', 1);
  const mark = withoutFragment.indexOf('?');
  const path = mark < 0 ? withoutFragment : withoutFragment.slice(0, mark);
  const { stem, elements } = parsePath(path, options);
  const [key, ...qualifiers] = elements;
  if (
    !fitsKey(
      key!.ai,
      qualifiers.map((element) => element.ai),
    )
  ) {
    throw new AppError(
      'gs1/bad-qualifiers',
      'What follows the key in the path does not qualify it, or stands in the wrong order.',
      { key: key!.ai },
    );
  }
  const query = mark < 0 ? '' : withoutFragment.slice(mark + 1);
  const { attributes, otherQuery } = parseQuery(query, options);
  const seen = new Set(elements.map((element) => element.ai));
  for (const { ai } of attributes) {
    if (seen.has(ai)) {
      throw new AppError('gs1/duplicate-ai', `(${ai}) occurs twice in the link.`, { ai });
    }
    seen.add(ai);
    assertAttribute(ai, elements);
  }
  return {
    key: key!,
    qualifiers,
    attributes,
    otherQuery,
    stem,
    elementString: () => toElementString([...elements, ...attributes]),
  };
}
