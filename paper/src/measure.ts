import type { FontName } from './fonts.ts';
import type { Pdf } from './pdf.ts';

/** What pdfkit's types do not tell of an embedded font. */
interface EmbeddedFont {
  readonly font: { hasGlyphForCodePoint(codePoint: number): boolean };
}

/** Widths of characters, kept: a font has at most 65 536. */
export interface Measure {
  /** Width of `text` in points, set in `font` at `size_pt`. */
  width(text: string, font: FontName, size_pt: number): number;
  /** The first character that the font lacks. */
  missing(text: string): string | null;
}

const PROBE_PT = 1000;

export function createMeasure(pdf: Pdf): Measure {
  const widths = { regular: new Map<string, number>(), bold: new Map<string, number>() };
  const charWidth = (char: string, font: FontName) => {
    const known = widths[font].get(char);
    if (known !== undefined) return known;
    const width = pdf.font(font).fontSize(PROBE_PT).widthOfString(char) / PROBE_PT;
    widths[font].set(char, width);
    return width;
  };
  return {
    width(text, font, size_pt) {
      let sum = 0;
      for (const char of text) sum += charWidth(char, font);
      return sum * size_pt;
    },
    missing(text) {
      const { font } = (pdf.font('regular') as unknown as { _font: EmbeddedFont })._font;
      for (const char of text) if (!font.hasGlyphForCodePoint(char.codePointAt(0)!)) return char;
      return null;
    },
  };
}

/** Breaks `text` into lines of at most `width_pt`: at blanks if it can, before any character where it must. */
export function wrapText(
  measure: Measure,
  text: string,
  font: FontName,
  size_pt: number,
  width_pt: number,
): string[] {
  const lines: string[] = [];
  let line = '';
  let width = 0;
  // Chinese breaks before every character, a Latin word only where it is longer than a line.
  for (const part of text.match(/[!-~\u00a1-\u024f]+|[^!-~\u00a1-\u024f]/gu) ?? []) {
    const pieces = measure.width(part, font, size_pt) > width_pt ? [...part] : [part];
    for (const piece of pieces) {
      const pieceWidth = measure.width(piece, font, size_pt);
      if (line !== '' && width + pieceWidth > width_pt) {
        lines.push(line.trimEnd());
        line = '';
        width = 0;
      }
      if (line === '' && piece.trim() === '') continue;
      line += piece;
      width += pieceWidth;
    }
  }
  if (line.trim() !== '') lines.push(line.trimEnd());
  return lines;
}
