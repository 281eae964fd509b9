import { AppError } from '@suyuan/contracts';

/** Where labels lie on a page, in millimetres from its top left corner. */
export interface LabelLayout {
  readonly name: string;
  readonly page_mm: { readonly width: number; readonly height: number };
  /** To the first label. */
  readonly margin_mm: { readonly left: number; readonly top: number };
  readonly columns: number;
  readonly rows: number;
  readonly gap_mm: { readonly x: number; readonly y: number };
  readonly label_mm: { readonly width: number; readonly height: number };
  /** Keeps a strip for a code under a scratch layer. */
  readonly hiddenPanel?: boolean;
  /** Hairlines in the margins to cut along; needs margins of 3 mm. */
  readonly cropMarks?: boolean;
}

const A4 = { width: 210, height: 297 };

/** Layouts of common label stock; spread one to change it. */
export const LABEL_PRESETS = {
  'a4-3x8': {
    name: 'a4-3x8',
    page_mm: A4,
    margin_mm: { left: 7.21, top: 12.9 },
    columns: 3,
    rows: 8,
    gap_mm: { x: 2.54, y: 0 },
    label_mm: { width: 63.5, height: 33.9 },
  },
  'a4-5x13': {
    name: 'a4-5x13',
    page_mm: A4,
    margin_mm: { left: 4.67, top: 10.7 },
    columns: 5,
    rows: 13,
    gap_mm: { x: 2.54, y: 0 },
    label_mm: { width: 38.1, height: 21.2 },
  },
  'roll-50x30': {
    name: 'roll-50x30',
    page_mm: { width: 50, height: 30 },
    margin_mm: { left: 0, top: 0 },
    columns: 1,
    rows: 1,
    gap_mm: { x: 0, y: 0 },
    label_mm: { width: 50, height: 30 },
  },
} as const satisfies Record<string, LabelLayout>;

/** Rounding of layouts that were measured in inches. */
const SLACK_MM = 0.1;
const PAGE_MAX_MM = 1500;
const GRID_MAX = 100;
/** Margin that crop marks need. */
export const CROP_MARGIN_MM = 3;

function bad(message: string): AppError {
  return new AppError('print/bad-layout', message);
}

const isWithin = (n: number, min: number, max: number) =>
  Number.isFinite(n) && n >= min && n <= max;

/** What lies right of and below the labels. */
export function farMargins(layout: LabelLayout): { right: number; bottom: number } {
  const { page_mm, margin_mm, columns, rows, gap_mm, label_mm } = layout;
  return {
    right: page_mm.width - margin_mm.left - columns * label_mm.width - (columns - 1) * gap_mm.x,
    bottom: page_mm.height - margin_mm.top - rows * label_mm.height - (rows - 1) * gap_mm.y,
  };
}

/** Throws `print/bad-layout` unless all labels lie on the page, each at least 10 mm wide and high. */
export function assertLayout(layout: LabelLayout): void {
  const { page_mm, margin_mm, columns, rows, gap_mm, label_mm } = layout;
  for (const [name, mm, min] of [
    ['page width', page_mm.width, 10],
    ['page height', page_mm.height, 10],
    ['label width', label_mm.width, 10],
    ['label height', label_mm.height, 10],
    ['left margin', margin_mm.left, 0],
    ['top margin', margin_mm.top, 0],
    ['gap between columns', gap_mm.x, 0],
    ['gap between rows', gap_mm.y, 0],
  ] as const) {
    if (!isWithin(mm, min, PAGE_MAX_MM)) {
      throw bad(`The ${name} is ${mm} mm: give ${min} to ${PAGE_MAX_MM}.`);
    }
  }
  for (const [name, count] of [
    ['columns', columns],
    ['rows', rows],
  ] as const) {
    if (!Number.isInteger(count) || !isWithin(count, 1, GRID_MAX)) {
      throw bad(`A page has 1 to ${GRID_MAX} ${name} of labels.`);
    }
  }
  const { right, bottom } = farMargins(layout);
  if (right < -SLACK_MM) {
    throw bad(`${columns} labels side by side are ${(-right).toFixed(2)} mm wider than the page.`);
  }
  if (bottom < -SLACK_MM) {
    throw bad(`${rows} rows of labels are ${(-bottom).toFixed(2)} mm higher than the page.`);
  }
  if (layout.cropMarks && Math.min(margin_mm.left, margin_mm.top, right, bottom) < CROP_MARGIN_MM) {
    throw bad(`Crop marks stand in the margins: leave ${CROP_MARGIN_MM} mm on each side.`);
  }
}

/** Top left corner of the label at `slot`, counted along the rows. */
export function slotAt(layout: LabelLayout, slot: number): { x_mm: number; y_mm: number } {
  const column = slot % layout.columns;
  const row = Math.floor(slot / layout.columns);
  return {
    x_mm: layout.margin_mm.left + column * (layout.label_mm.width + layout.gap_mm.x),
    y_mm: layout.margin_mm.top + row * (layout.label_mm.height + layout.gap_mm.y),
  };
}
