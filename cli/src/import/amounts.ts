// Weights as people write them → whole grams. Digit by digit: no float comes near a quantity that will be signed.

import { AMOUNT_MAX, AppError } from '@suyuan/contracts';
import { type Cell, cellInteger } from '@suyuan/paper';

export interface Unit {
  readonly name: 'g' | 'kg' | 'liang' | 'jin' | 't' | 'count';
  /** What the product must be counted in. */
  readonly measure: 'g' | 'count';
  /** Digits after the point that can make whole grams, and what one of the last digit weighs: grams = integer × num ÷ den. */
  readonly scale: number;
  readonly num: number;
  readonly den: number;
}

const UNITS: readonly (Unit & { readonly words: readonly string[] })[] = [
  {
    ...{ name: 'g', measure: 'g', scale: 0, num: 1, den: 1 },
    words: ['g', '克', 'gram', 'grams', 'gr'],
  },
  {
    ...{ name: 'kg', measure: 'g', scale: 3, num: 1, den: 1 },
    words: ['kg', 'kgs', '公斤', '千克', 'kilogram', 'kilograms', 'kilo'],
  },
  // The market's pound and ounce: 500 g and 50 g.
  { ...{ name: 'liang', measure: 'g', scale: 2, num: 1, den: 2 }, words: ['两', '市两', 'liang'] },
  { ...{ name: 'jin', measure: 'g', scale: 3, num: 1, den: 2 }, words: ['斤', '市斤', 'jin'] },
  {
    ...{ name: 't', measure: 'g', scale: 6, num: 1, den: 1 },
    words: ['t', '吨', '公吨', 'ton', 'tons', 'tonne', 'tonnes'],
  },
  {
    ...{ name: 'count', measure: 'count', scale: 0, num: 1, den: 1 },
    words: [
      'count',
      'pcs',
      'pc',
      'piece',
      'pieces',
      '件',
      '个',
      '只',
      '包',
      '盒',
      '袋',
      '瓶',
      '箱',
    ],
  },
];

const plain = (text: string): string => text.normalize('NFKC').trim().toLowerCase();

/** The unit of that name in either language; undefined if there is none. */
export function unitOf(text: string): Unit | undefined {
  const word = plain(text);
  return UNITS.find(({ words }) => words.includes(word));
}

/** The unit that a header names in brackets, as in `净重(kg)` or `Net weight (jin)`. */
export function unitInHeader(header: string): Unit | undefined {
  for (const [, inside = ''] of plain(header).matchAll(/[([【]([^)\]】]*)[)\]】]/g)) {
    const unit = inside
      .split(/[/,、]/)
      .map(unitOf)
      .find((found) => found !== undefined);
    if (unit !== undefined) return unit;
  }
  return undefined;
}

/**
 * Whole grams, or pieces, of a cell in `unit`; null if it is empty. What is no whole number of them, negative or beyond what the ledger holds is
 * refused. Throws `table/bad-number` or `import/bad-amount`.
 */
export function cellAmount(cell: Cell, unit: Unit): number | null {
  const value = cellInteger(cell, unit.scale);
  if (value === null) return null;
  const size = value * unit.num;
  if (!Number.isSafeInteger(size) || size % unit.den !== 0) {
    throw new AppError(
      'import/bad-amount',
      `${shown(cell)} ${unit.name} is no whole number of grams: nothing is rounded here.`,
    );
  }
  const amount = size / unit.den;
  if (amount < 0 || amount > AMOUNT_MAX) {
    throw new AppError(
      'import/bad-amount',
      `${shown(cell)} ${unit.name} is ${amount < 0 ? 'negative' : 'more than a lot may hold'}: correct the amount or its unit.`,
    );
  }
  return amount;
}

function shown(cell: Cell): string {
  return cell.kind === 'empty' ? '' : cell.text.trim().slice(0, 40);
}
