// The code under the scratch layer as people type it (docs/formats.md §5): Crockford's letters, which leave out I, L, O and U
// because they are misread; whoever reads them all the same means 1 and 0.

/** Letters of a code: 65 bits at least. `HIDDEN_CODE` of the rules is the same, said to the ledger. */
export const HIDDEN_CODE_CHARS_MIN = 13;
export const HIDDEN_CODE_CHARS_MAX = 20;

const LETTER = /[0-9A-HJKMNP-TV-Z]/;
const MEANT: Readonly<Record<string, string>> = { O: '0', I: '1', L: '1' };
/** More than anybody types for 20 letters, whatever they put between them. */
const TYPED_CHARS_MAX = 80;

/**
 * The letters in what somebody typed, in upper case: full-width ones (U+FF01 to U+FF5E) as the plain ones, O as 0, I and L as 1.
 * Spaces, hyphens and everything that can be no letter of a code are left out. At most 20 letters; throws nothing.
 */
export function hiddenCodeLetters(typed: string): string {
  let letters = '';
  for (const char of typed.slice(0, TYPED_CHARS_MAX).normalize('NFKC').toUpperCase()) {
    const letter = MEANT[char] ?? char;
    if (LETTER.test(letter) && letters.length < HIDDEN_CODE_CHARS_MAX) letters += letter;
  }
  return letters;
}

/**
 * The code that somebody typed, as its commitment has it; null when it has fewer than 13 letters or more than 20, or a letter
 * that no code has: a U is a misread V, and to leave it out would make another code of it.
 */
export function readHiddenCode(typed: string): string | null {
  if (typed.length > TYPED_CHARS_MAX) return null;
  const letters = [...typed.normalize('NFKC').toUpperCase()]
    .filter((char) => !/[\s\p{Pd}·.]/u.test(char))
    .map((char) => MEANT[char] ?? char);
  const fits = letters.length >= HIDDEN_CODE_CHARS_MIN && letters.length <= HIDDEN_CODE_CHARS_MAX;
  return fits && letters.every((char) => LETTER.test(char) && char.length === 1)
    ? letters.join('')
    : null;
}
