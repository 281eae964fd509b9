// What the server says of scans and codes, read with care: a wrong answer shows nothing rather than nonsense.

import type { Reveals, ScanDay, ScanHistory } from '@suyuan/contracts/verify';

export interface ScansAnswer {
  readonly history: ScanHistory;
  /** Null where the label has no hidden code. */
  readonly reveals: Reveals | null;
}

/** As many days as a server keeps one by one, and some. */
const DAYS_MAX = 400;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function countsOf<Name extends string>(
  value: unknown,
  ...names: Name[]
): Record<Name, number> | null {
  if (!isFields(value)) return null;
  const found = {} as Record<Name, number>;
  for (const name of names) {
    const count = value[name];
    if (!isCount(count)) return null;
    found[name] = count;
  }
  return found;
}

function dayOf(value: unknown): string | null {
  return typeof value === 'string' && DAY.test(value) ? value : null;
}

function daysOf(value: unknown): ScanDay[] | null {
  if (!Array.isArray(value) || value.length > DAYS_MAX) return null;
  const days: ScanDay[] = [];
  for (const each of value) {
    const counts = countsOf(each, 'scans', 'visitors');
    const day = isFields(each) ? dayOf(each.day) : null;
    if (counts === null || day === null) return null;
    days.push({ day, ...counts });
  }
  return days;
}

function revealsOf(value: unknown): Reveals | null {
  const counts = countsOf(value, 'again');
  if (counts === null || !isFields(value)) return null;
  return { ...counts, revealedAt_ms: isCount(value.revealedAt_ms) ? value.revealedAt_ms : null };
}

export function readScans(value: unknown): ScansAnswer | null {
  const sums = countsOf(value, 'scans', 'visitors');
  if (sums === null || !isFields(value)) return null;
  const days = daysOf(value.days);
  const earlier = countsOf(value.earlier, 'days', 'scans', 'visitors');
  const areas = countsOf(value.areas, 'network', 'chosen');
  if (days === null || earlier === null || areas === null) return null;
  const [firstDay, lastDay] = [dayOf(value.firstDay), dayOf(value.lastDay)];
  return {
    history: { ...sums, days, earlier, areas, firstDay, lastDay },
    reveals: revealsOf(value.reveals),
  };
}

/** What became of a code that was shown. */
export type RevealResult =
  | {
      readonly kind: 'first' | 'same' | 'again';
      readonly revealedAt_ms: number;
      readonly height: number;
    }
  | {
      readonly kind:
        | 'wrong'
        | 'too-many'
        | 'not-packed'
        | 'void'
        | 'unavailable'
        /** It may be on the ledger or not. */
        | 'late';
    };

const REFUSED: Readonly<Record<string, Exclude<RevealResult['kind'], 'first' | 'same' | 'again'>>> =
  {
    'labels/wrong-code': 'wrong',
    'labels/not-activated': 'not-packed',
    'labels/voided': 'void',
    'http/malformed': 'wrong',
    'http/too-many-requests': 'too-many',
    'http/commit-timeout': 'late',
    'reveals/not-carried': 'late',
  };

/** Of a body of any status. */
export function readReveal(value: unknown): RevealResult {
  if (!isFields(value)) return { kind: 'late' };
  const { outcome, code } = value;
  const counts = countsOf(value, 'revealedAt_ms', 'height');
  if (counts !== null && (outcome === 'first' || outcome === 'same' || outcome === 'again')) {
    return { kind: outcome, ...counts };
  }
  if (typeof code !== 'string') return { kind: 'late' };
  const kind = Object.hasOwn(REFUSED, code) ? REFUSED[code] : undefined;
  return { kind: kind ?? 'unavailable' };
}
