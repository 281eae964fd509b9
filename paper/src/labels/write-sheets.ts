import type { Writable } from 'node:stream';
import { AppError } from '@suyuan/contracts';
import { LABELS_MAX, QUIET_MODULES } from '../limits.ts';
import { createMeasure, type Measure } from '../measure.ts';
import { createPdf, type Pdf, PT_PER_MM, streamPdf } from '../pdf.ts';
import { type Arrangement, arrange, type Box } from './arrange.ts';
import { assertPrintable, fitText, type SetLine } from './fit-text.ts';
import {
  type CheckedLabel,
  checkLabel,
  LABEL_WORDS,
  type Label,
  type LabelWords,
} from './label.ts';
import { assertLayout, farMargins, type LabelLayout, slotAt } from './layout.ts';
import { darkRuns, type QrMatrix, qrMatrix } from './qr.ts';

export interface LabelSheetOptions {
  readonly layout: LabelLayout;
  readonly created_ms: number;
  readonly words?: LabelWords;
  /** Takes a second document of the same pages with the hidden codes only, for the layout with `hiddenPanel`. */
  readonly codes?: Writable;
}

export interface LabelSheets {
  readonly labels: number;
  readonly pages: number;
}

/** Black ink alone, which prints sharper than black of four inks. */
const BLACK: [number, number, number, number] = [0, 0, 0, 100];
const HAIRLINE_PT = 0.25;
const CODE_PT = 10;
/** Of the full text size, before the code gives up room. */
const COMFORTABLE = 0.75;
const SMALLEST = 0.3;

const pt = (mm: number) => mm * PT_PER_MM;

function drawCode(pdf: Pdf, qr: QrMatrix, box: Box, module_mm: number): void {
  const module_pt = pt(module_mm);
  const quiet_pt = QUIET_MODULES * module_pt;
  pdf.save().fillColor(BLACK);
  pdf.transform(module_pt, 0, 0, module_pt, pt(box.x_mm) + quiet_pt, pt(box.y_mm) + quiet_pt);
  // One path for all modules: seams between single squares would show.
  let path = '';
  for (const [x, y, length] of darkRuns(qr)) path += `${x} ${y} ${length} 1 re\n`;
  pdf.addContent(`${path}f`).restore();
}

function drawText(pdf: Pdf, lines: readonly SetLine[], box: Box): void {
  pdf.fillColor(BLACK);
  for (const { text, font, size_pt, y_pt } of lines) {
    pdf
      .font(font)
      .fontSize(size_pt)
      .text(text, pt(box.x_mm), pt(box.y_mm) + y_pt, { lineBreak: false, baseline: 'top' });
  }
}

function drawCropMarks(pdf: Pdf, layout: LabelLayout): void {
  const { right, bottom } = farMargins(layout);
  const reach = Math.min(layout.margin_mm.left, layout.margin_mm.top, right, bottom, 6) - 1;
  const { width, height } = layout.label_mm;
  const { page_mm, margin_mm } = layout;
  const line = (x1: number, y1: number, x2: number, y2: number) =>
    pdf.moveTo(pt(x1), pt(y1)).lineTo(pt(x2), pt(y2));
  for (let slot = 0; slot < layout.columns * layout.rows; slot++) {
    const { x_mm, y_mm } = slotAt(layout, slot);
    if (slot < layout.columns) {
      for (const x of [x_mm, x_mm + width]) {
        line(x, margin_mm.top - 1, x, margin_mm.top - 1 - (reach - 1));
        line(x, page_mm.height - bottom + 1, x, page_mm.height - bottom + reach);
      }
    }
    if (slot % layout.columns === 0) {
      for (const y of [y_mm, y_mm + height]) {
        line(margin_mm.left - 1, y, margin_mm.left - reach, y);
        line(page_mm.width - right + 1, y, page_mm.width - right + reach, y);
      }
    }
  }
  pdf.lineWidth(HAIRLINE_PT).strokeColor(BLACK).stroke();
}

function newPage(pdf: Pdf, layout: LabelLayout): void {
  pdf.addPage({ size: [pt(layout.page_mm.width), pt(layout.page_mm.height)], margin: 0 });
  if (layout.cropMarks) drawCropMarks(pdf, layout);
}

interface Composed {
  readonly qr: QrMatrix;
  readonly parts: Arrangement;
  readonly lines: readonly SetLine[];
}

function compose(
  measure: Measure,
  checked: CheckedLabel,
  layout: LabelLayout,
  words: LabelWords,
): Composed {
  assertPrintable(measure, checked, words);
  const qr = qrMatrix(checked.label.link);
  for (const [isTight, scaleMin] of [
    [false, COMFORTABLE],
    [true, SMALLEST],
  ] as const) {
    const parts = arrange(layout, qr.size, isTight);
    const lines = fitText(measure, checked, words, parts.text, scaleMin);
    if (lines !== null) return { qr, parts, lines };
  }
  throw new AppError(
    'print/text-too-long',
    `The text of "${checked.label.name.zh}" does not fit a label of ${layout.label_mm.width} x ${layout.label_mm.height} mm: shorten the name or take a larger label.`,
    { width_mm: layout.label_mm.width, height_mm: layout.label_mm.height },
  );
}

function drawPanel(pdf: Pdf, panel: Box): void {
  pdf.rect(pt(panel.x_mm), pt(panel.y_mm), pt(panel.width_mm), pt(panel.height_mm));
  pdf.lineWidth(HAIRLINE_PT).strokeColor(BLACK).stroke();
}

function drawHiddenCode(pdf: Pdf, measure: Measure, code: string, panel: Box): void {
  const full = measure.width(code, 'bold', 1);
  const size_pt = Math.min(CODE_PT, (pt(panel.width_mm) * 0.94) / full, pt(panel.height_mm) * 0.75);
  const x = pt(panel.x_mm) + (pt(panel.width_mm) - full * size_pt) / 2;
  const y = pt(panel.y_mm) + pt(panel.height_mm) / 2;
  pdf.fillColor(BLACK).font('bold').fontSize(size_pt);
  pdf.text(code, x, y, { lineBreak: false, baseline: 'middle' });
}

function needsPanel(layout: LabelLayout, label: Label, hasCodes: boolean): void {
  if (label.hiddenCode !== undefined && !(layout.hiddenPanel && hasCodes)) {
    throw new AppError(
      'print/bad-label',
      'A label has a hidden code: take a layout with hiddenPanel and say where the code sheets go.',
    );
  }
  if (layout.hiddenPanel && hasCodes && label.hiddenCode === undefined) {
    throw new AppError('print/bad-label', 'Code sheets need a hidden code on every label.');
  }
}

/**
 * Writes label sheets as PDF to `out` while `labels` come in, and ends it. With `codes`, the hidden codes follow as a second document whose
 * page n lies exactly over page n of the first. Memory holds one page, and the hidden codes. Throws `print/…`, `gs1/…`.
 */
export async function writeLabelSheets(
  out: Writable,
  labels: AsyncIterable<Label> | Iterable<Label>,
  options: LabelSheetOptions,
): Promise<LabelSheets> {
  const { layout, created_ms, words = LABEL_WORDS } = options;
  assertLayout(layout);
  const perPage = layout.columns * layout.rows;
  const pdf = createPdf({ title: 'Suyuan labels 溯源标签', created_ms });
  const measure = createMeasure(pdf);
  const hidden: { code: string; panel: Box }[] = [];
  let count = 0;

  async function* pages(): AsyncGenerator<void> {
    for await (const label of labels) {
      if (count >= LABELS_MAX) {
        throw new AppError('print/too-many-labels', `Print at most ${LABELS_MAX} labels at once.`);
      }
      needsPanel(layout, label, options.codes !== undefined);
      const { qr, parts, lines } = compose(measure, checkLabel(label), layout, words);
      if (count % perPage === 0) {
        if (count > 0) yield;
        newPage(pdf, layout);
      }
      const { x_mm, y_mm } = slotAt(layout, count % perPage);
      pdf.save().translate(pt(x_mm), pt(y_mm));
      drawCode(pdf, qr, parts.code, parts.module_mm);
      drawText(pdf, lines, parts.text);
      if (parts.panel !== null) {
        drawPanel(pdf, parts.panel);
        if (label.hiddenCode !== undefined) {
          hidden.push({ code: label.hiddenCode, panel: parts.panel });
        }
      }
      pdf.restore();
      count++;
    }
    if (count === 0) throw new AppError('print/no-labels', 'There is no label to print.');
  }

  await streamPdf(pdf, pages(), out);
  if (options.codes !== undefined) await writeHiddenCodes(options.codes, hidden, options);
  return { labels: count, pages: Math.ceil(count / perPage) };
}

async function writeHiddenCodes(
  out: Writable,
  hidden: readonly { readonly code: string; readonly panel: Box }[],
  { layout, created_ms }: LabelSheetOptions,
): Promise<void> {
  const pdf = createPdf({ title: 'Suyuan hidden codes 溯源防伪码', created_ms });
  const measure = createMeasure(pdf);
  const perPage = layout.columns * layout.rows;
  function* pages(): Generator<void> {
    for (const [i, { code, panel }] of hidden.entries()) {
      if (i % perPage === 0) {
        if (i > 0) yield;
        newPage(pdf, layout);
      }
      const { x_mm, y_mm } = slotAt(layout, i % perPage);
      pdf.save().translate(pt(x_mm), pt(y_mm));
      drawHiddenCode(pdf, measure, code, panel);
      pdf.restore();
    }
  }
  await streamPdf(pdf, pages(), out);
}
