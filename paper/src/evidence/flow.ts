import type { FontName } from '../fonts.ts';
import { createMeasure, type Measure, wrapText } from '../measure.ts';
import type { Pdf } from '../pdf.ts';

export const MARGIN_PT = 50;
const A4_PT = { width: 595.28, height: 841.89 };
export const WIDTH_PT = A4_PT.width - 2 * MARGIN_PT;
const BOTTOM_PT = A4_PT.height - MARGIN_PT - 14;
const LEADING = 1.4;
const CELL_PAD_PT = 4;

export interface TextStyle {
  readonly font?: FontName;
  readonly size_pt?: number;
  readonly after_pt?: number;
  readonly indent_pt?: number;
  readonly color?: string;
}

/** Text and tables down a page and over to the next; nothing is ever cut. */
export class Flow {
  readonly pdf: Pdf;
  readonly #measure: Measure;
  readonly #footer: string;
  #page = 0;
  y_pt = 0;

  constructor(pdf: Pdf, footer: string) {
    this.pdf = pdf;
    this.#measure = createMeasure(pdf);
    this.#footer = footer;
    this.newPage();
  }

  newPage(): void {
    this.pdf.addPage({ size: [A4_PT.width, A4_PT.height], margin: 0 });
    this.#page++;
    this.#line(`${this.#footer}   ${this.#page}`, MARGIN_PT, BOTTOM_PT + 10, 'regular', 7, '#555');
    this.y_pt = MARGIN_PT;
  }

  ensure(height_pt: number): void {
    if (this.y_pt + height_pt > BOTTOM_PT) this.newPage();
  }

  /** What the font cannot print is named by its code point, control characters are blanks. */
  #printable(text: string): string {
    const plain = text.replace(/\p{Cc}+/gu, ' ');
    if (this.#measure.missing(plain) === null) return plain;
    return Array.from(plain, (char) =>
      this.#measure.missing(char) === null
        ? char
        : `[U+${char.codePointAt(0)!.toString(16).toUpperCase()}]`,
    ).join('');
  }

  #line(text: string, x: number, y: number, font: FontName, size_pt: number, color: string): void {
    this.pdf.fillColor(color).font(font).fontSize(size_pt);
    this.pdf.text(text, x, y, { lineBreak: false, baseline: 'top' });
  }

  text(text: string, style: TextStyle = {}): void {
    const { font = 'regular', size_pt = 9, after_pt = 3, indent_pt = 0, color = '#000' } = style;
    const width = WIDTH_PT - indent_pt;
    for (const line of wrapText(this.#measure, this.#printable(text), font, size_pt, width)) {
      this.ensure(size_pt * LEADING);
      this.#line(line, MARGIN_PT + indent_pt, this.y_pt, font, size_pt, color);
      this.y_pt += size_pt * LEADING;
    }
    this.y_pt += after_pt;
  }

  heading(text: string): void {
    this.ensure(60);
    this.y_pt += 8;
    this.text(text, { font: 'bold', size_pt: 12, after_pt: 5 });
  }

  /** One row of a table; a row higher than what is left goes on over the page. Widths are parts of the page's. */
  row(cells: readonly string[], widths: readonly number[], font: FontName = 'regular'): void {
    const size_pt = 7.5;
    const total = widths.reduce((sum, width) => sum + width, 0);
    const columns = widths.map((width) => (width / total) * WIDTH_PT);
    const wrapped = cells.map((cell, i) =>
      wrapText(this.#measure, this.#printable(cell), font, size_pt, columns[i]! - CELL_PAD_PT),
    );
    const height = Math.max(1, ...wrapped.map((lines) => lines.length));
    for (let i = 0; i < height; i++) {
      this.ensure(size_pt * LEADING);
      let x = MARGIN_PT;
      for (const [column, lines] of wrapped.entries()) {
        if (lines[i] !== undefined) this.#line(lines[i]!, x, this.y_pt, font, size_pt, '#000');
        x += columns[column]!;
      }
      this.y_pt += size_pt * LEADING;
    }
    this.pdf.moveTo(MARGIN_PT, this.y_pt).lineTo(MARGIN_PT + WIDTH_PT, this.y_pt);
    this.pdf.lineWidth(0.25).strokeColor('#999').stroke();
    this.y_pt += 2;
  }
}
