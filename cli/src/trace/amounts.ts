// Grams and pieces as people read them.

export type Unit = 'g' | 'count';

export interface Sums {
  readonly g: number;
  readonly count: number;
}

function grouped(whole: number): string {
  return String(whole).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1,234.5 kg`, `250 g`, `40 pcs`: exact, whatever its size. */
export function amountText(amount: number, unit: Unit): string {
  if (unit === 'count') return `${grouped(amount)} pcs`;
  if (amount < 1000) return `${amount} g`;
  const rest = String(amount % 1000)
    .padStart(3, '0')
    .replace(/0+$/, '');
  return `${grouped(Math.floor(amount / 1000))}${rest === '' ? '' : `.${rest}`} kg`;
}

/** Both units where both occur, `0` where neither does. */
export function sumsText({ g, count }: Sums): string {
  const parts = [
    ...(g > 0 ? [amountText(g, 'g')] : []),
    ...(count > 0 ? [amountText(count, 'count')] : []),
  ];
  return parts.length === 0 ? '0' : parts.join(' + ');
}

/** How much of `whole` is accounted for, rounded down, so that 100 is all. */
export function percentOf(part: Sums, whole: Sums): number {
  const [done, all] = [BigInt(part.g) + BigInt(part.count), BigInt(whole.g) + BigInt(whole.count)];
  return all === 0n ? 100 : Math.min(100, Number((done * 100n) / all));
}

/** `1 lot`, `2 lots`. */
export function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
