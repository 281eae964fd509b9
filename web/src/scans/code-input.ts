// A code as it stands in its field: letters in groups of four, whatever was typed or pasted.

import { hiddenCodeLetters } from '@suyuan/contracts/verify';

const GROUP = 4;

export function grouped(letters: string): string {
  return letters.replace(/(.{4})(?=.)/g, '$1 ');
}

/** The field after typing, with the caret behind the same letter as before. */
export function retyped(value: string, caret: number): { text: string; caret: number } {
  const before = hiddenCodeLetters(value.slice(0, caret)).length;
  return {
    text: grouped(hiddenCodeLetters(value)),
    caret: before + Math.max(0, Math.ceil(before / GROUP) - 1),
  };
}
