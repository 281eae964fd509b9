import { AppError } from '@suyuan/contracts';
import type { FontName } from '../fonts.ts';
import { FONT_MIN_PT } from '../limits.ts';
import { type Measure, wrapText } from '../measure.ts';
import { PT_PER_MM } from '../pdf.ts';
import type { Box } from './arrange.ts';
import { type CheckedLabel, type LabelWords, netText } from './label.ts';

export interface SetLine {
  readonly text: string;
  readonly font: FontName;
  readonly size_pt: number;
  /** From the top left corner of the box. */
  readonly y_pt: number;
}

const LEADING = 1.22;
/** Space between two blocks, of the smaller one's size. */
const BLOCK_GAP = 0.15;
const STEP = 0.05;

function blocks({ label, lot, serial }: CheckedLabel, words: LabelWords) {
  return [
    { text: label.name.zh, font: 'bold', size_pt: 9 },
    { text: label.name.en, font: 'regular', size_pt: 6.5 },
    { text: `${words.net} ${netText(label.net)}`, font: 'regular', size_pt: 6.5 },
    { text: `${words.lot} ${lot}`, font: 'regular', size_pt: 6 },
    { text: `${words.serial} ${serial}`, font: 'regular', size_pt: 6 },
  ] as const;
}

/**
 * Sets the text of a label into `box`, smaller and in more lines until all of it fits, but not below `scaleMin` of its full
 * size or the smallest print; then null.
 */
export function fitText(
  measure: Measure,
  checked: CheckedLabel,
  words: LabelWords,
  box: Box,
  scaleMin: number,
): SetLine[] | null {
  const width_pt = box.width_mm * PT_PER_MM;
  const height_pt = box.height_mm * PT_PER_MM;
  const wanted = blocks(checked, words);
  for (let scale = 1; scale >= scaleMin - 1e-9; scale -= STEP) {
    const lines: SetLine[] = [];
    let y_pt = 0;
    for (const block of wanted) {
      const size_pt = Math.max(block.size_pt * scale, FONT_MIN_PT);
      for (const text of wrapText(measure, block.text, block.font, size_pt, width_pt)) {
        lines.push({ text, font: block.font, size_pt, y_pt });
        y_pt += size_pt * LEADING;
      }
      y_pt += size_pt * BLOCK_GAP;
    }
    if (y_pt <= height_pt) return lines;
  }
  return null;
}

/** Throws `print/no-glyph` for a character that the font cannot print. */
export function assertPrintable(measure: Measure, checked: CheckedLabel, words: LabelWords): void {
  for (const { text } of blocks(checked, words)) {
    const char = measure.missing(text);
    if (char !== null) {
      const point = char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
      throw new AppError(
        'print/no-glyph',
        `The font has no character U+${point}: write "${text}" without it.`,
        { character: `U+${point}` },
      );
    }
  }
}
