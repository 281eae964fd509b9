/** What spreadsheets take for the start of a formula, full-width forms too, behind blanks too. */
const FORMULA_START = /^[\s\u3000]*[=+\-@＝＋－＠]|^[\t\r\n]/;

/** Text that no spreadsheet runs: an apostrophe stands before what would begin a formula. */
export function neutralText(text: string): string {
  return FORMULA_START.test(text) ? `'${text}` : text;
}
