// GS1 Digital Link URIs, written (GS1 Digital Link URI Syntax §4).

import { AppError } from '../errors.ts';
import { AI_TABLE, hasPredefinedLength, qualifierSequences } from './ai-table.ts';
import { type AiElement, assertAiValue } from './ai-value.ts';
import { assertAttribute, type DigitalLinkOptions, validElement } from './digital-link.ts';
import { encodePercent } from './percent.ts';

/** The stem of canonical links. */
export const CANONICAL_STEM = 'https://id.gs1.org';

export interface BuildOptions extends DigitalLinkOptions {
  /** Scheme, host and any path of the resolver. Default `https://id.gs1.org`. */
  readonly stem?: string;
}

function validParts(elements: readonly AiElement[], options: BuildOptions): AiElement[] {
  const parts = new Map<string, AiElement>();
  for (const { ai, value } of elements) {
    const unknown = options.unknownAis === true && /^\d{2,4}$/.test(ai) && !AI_TABLE.has(ai);
    if (unknown) assertAiValue('99', value);
    const part = unknown ? { ai, value } : validElement(ai, value, options);
    const other = parts.get(ai);
    if (other !== undefined && other.value !== part.value) {
      throw new AppError('gs1/duplicate-ai', `(${ai}) is given twice with different values.`, {
        ai,
      });
    }
    if (other === undefined) parts.set(ai, part);
  }
  return [...parts.values()];
}

/** The qualifiers of the key among `parts`, by the sequence of which most are given, in its order. */
function qualifiersOf(key: AiElement, parts: readonly AiElement[]): AiElement[] {
  let best: AiElement[] = [];
  for (const sequence of qualifierSequences(key.ai) ?? []) {
    const given = sequence.flatMap((ai) => parts.filter((part) => part.ai === ai));
    if (given.length > best.length) best = given;
  }
  return best;
}

/**
 * Writes the link of `elements`: the first that can be a key is the key, its qualifiers follow in their order, the rest
 * become attributes, those of predefined length first. Throws `gs1/bad-stem`, `gs1/no-key`, `gs1/duplicate-ai`,
 * `gs1/unknown-ai`, `gs1/bad-value`, `gs1/belongs-in-path` or `gs1/not-an-attribute`.
 */
export function buildDigitalLink(
  elements: readonly AiElement[],
  options: BuildOptions = {},
): string {
  const stem = (options.stem ?? CANONICAL_STEM).replace(/\/$/, '');
  if (!/^https?:\/\/[A-Za-z0-9.\-:[\]]+(\/[\w\-.~!$&'()*+,;=:@%]+)*$/.test(stem)) {
    throw new AppError(
      'gs1/bad-stem',
      'The stem of a link is http(s)://, a host and perhaps a path, without query or fragment.',
    );
  }
  const parts = validParts(elements, options);
  const key = parts.find((part) => qualifierSequences(part.ai) !== undefined);
  if (key === undefined) {
    throw new AppError(
      'gs1/no-key',
      'A link needs a key such as (01) product, (414) place or (8004) device.',
    );
  }
  const path = [key, ...qualifiersOf(key, parts)];
  const attributes = parts.filter((part) => !path.includes(part));
  for (const { ai } of attributes) assertAttribute(ai, path);
  const ordered = [
    ...attributes.filter(({ ai }) => hasPredefinedLength(ai)),
    ...attributes.filter(({ ai }) => !hasPredefinedLength(ai)),
  ];
  const uri = stem + path.map(({ ai, value }) => `/${ai}/${encodePercent(value)}`).join('');
  if (ordered.length === 0) return uri;
  return `${uri}?${ordered.map(({ ai, value }) => `${ai}=${encodePercent(value)}`).join('&')}`;
}
