// GS1 element strings (GenSpecs §7.8): the data of a barcode, and its bracketed form for people.

import { AppError } from '../errors.ts';
import { hasPredefinedLength } from './ai-table.ts';
import type { AiElement } from './ai-value.ts';

/** An element string is at most this long; a barcode holds far less. */
const ELEMENT_STRING_LENGTH_MAX = 8192;

/** The elements in one string, `^` standing for FNC1: in front, and after a value without predefined length. */
export function toElementString(elements: readonly AiElement[]): string {
  let text = '';
  let fnc1 = true;
  for (const { ai, value } of elements) {
    text += `${fnc1 ? '^' : ''}${ai}${value}`;
    fnc1 = !hasPredefinedLength(ai);
  }
  return text;
}

/**
 * The elements of a bracketed string such as `(01)06901234567892(10)ABC`; `\(` is a bracket within a value. The values are
 * not validated. Throws `gs1/bad-element-string`.
 */
export function parseElementString(text: string): AiElement[] {
  const elements: AiElement[] = [];
  const pattern = /\((\d{2,4})\)((?:[^(\\]|\\\(|\\)+)/y;
  let end = 0;
  if (text.length <= ELEMENT_STRING_LENGTH_MAX) {
    for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
      elements.push({ ai: match[1]!, value: match[2]!.replaceAll('\\(', '(') });
      end = pattern.lastIndex;
    }
  }
  if (elements.length === 0 || end !== text.length) {
    throw new AppError(
      'gs1/bad-element-string',
      'Write each element as (AI)value, for example (01)06901234567892(10)ABC.',
    );
  }
  return elements;
}
