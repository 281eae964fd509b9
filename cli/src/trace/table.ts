// Rows of a trace under fixed columns, so that the first is shown before the last is known. 80 columns; a Chinese character takes two.

import { padded, plainText, widthOf } from '../import/screen.ts';

export interface TraceLine {
  readonly relation: string;
  readonly lot: string;
  readonly product: string;
  readonly made: string;
  readonly left: string;
  readonly holder: string;
}

const WIDTHS = { relation: 2, lot: 20, product: 16, made: 12, left: 12, holder: 13 } as const;
const COLUMNS = ['relation', 'lot', 'product', 'made', 'left', 'holder'] as const;
const RIGHT: readonly string[] = ['made', 'left'];

const MARKS: Readonly<Record<string, string>> = { seed: '●', ancestor: '↑', descendant: '↓' };

/** As much as fits, and `…` where something is left out. */
export function fitted(text: string, width: number): string {
  const plain = plainText(text);
  if (widthOf(plain) <= width) return padded(plain, width);
  let cut = '';
  for (const char of plain) {
    if (widthOf(cut + char) > width - 1) break;
    cut += char;
  }
  return padded(`${cut}…`, width);
}

function rightFitted(text: string, width: number): string {
  const fit = fitted(text, width).trimEnd();
  return ' '.repeat(Math.max(0, width - widthOf(fit))) + fit;
}

function lineOf(cells: Readonly<Record<(typeof COLUMNS)[number], string>>): string {
  const fit = (column: (typeof COLUMNS)[number]): string => {
    const make = RIGHT.includes(column) ? rightFitted : fitted;
    return make(cells[column], WIDTHS[column]);
  };
  return COLUMNS.map(fit).join(' ').trimEnd();
}

export function traceHeading(): string[] {
  const titles = lineOf({
    relation: '',
    lot: '批次 lot',
    product: '产品 product',
    made: '产出 made',
    left: '剩余 left',
    holder: '持有 holder',
  });
  const rule = COLUMNS.map((column) => '─'.repeat(WIDTHS[column])).join(' ');
  return [titles, rule];
}

export function traceLine({ relation, ...cells }: TraceLine): string {
  return lineOf({ ...cells, relation: MARKS[relation] ?? '?' });
}
