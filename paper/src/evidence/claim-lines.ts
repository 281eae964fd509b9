import type { Claim, Names } from '@suyuan/contracts';
import { fieldTitle } from './words.ts';

// A court reads all of a claim or it reads nothing: every field is printed, whatever claims a later version adds.

const NOT_FIELDS = new Set(['kind', 'grade', 'by', 'evidence', 'quantity', 'unit']);
const DURATIONS = new Set([
  'covered_ms',
  'proven_ms',
  'gap_ms',
  'age_ms',
  'duration_ms',
  'longest_ms',
  'beyond_ms',
  'unknown_ms',
]);
const MEASURED = new Set(['min', 'max', 'mean', 'kinetic', 'limit', 'error']);
/** Unit and power of ten of the stored integers (docs/formats.md §3). */
const SCALES: Record<string, readonly [unit: string, digits: number]> = {
  temperature: ['°C', 3],
  humidity: ['%RH', 3],
  mass: ['kg', 3],
  battery: ['V', 3],
};
const AMOUNTS = new Set([
  'net',
  'made',
  'left',
  'labelled',
  'used',
  'lost',
  'destroyed',
  'amount',
  'granted',
  'drawn',
  'here',
]);
const DEPTH_MAX = 4;

type Fields = Readonly<Record<string, unknown>>;
export type TimeText = (time_ms: number) => string;

export const bothNames = ({ zh, en }: Names) => (zh === en ? zh : `${zh} ${en}`);

/** `3 d 4 h 5 min`, rounded down to the minute. */
export function durationText(duration_ms: number): string {
  const minutes = Math.floor(duration_ms / 60_000);
  const parts = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
  const words = parts.map((n, i) => (n > 0 ? `${n} ${['天 d', '时 h', '分 min'][i]}` : ''));
  return words.filter((word) => word !== '').join(' ') || '0 分 min';
}

/** An integer of a decimal scale, exactly. */
export function decimalText(value: number, digits: number): string {
  const text = String(Math.abs(value)).padStart(digits + 1, '0');
  const fraction = text.slice(-digits).replace(/0+$/, '');
  return `${value < 0 ? '-' : ''}${text.slice(0, -digits)}${fraction === '' ? '' : `.${fraction}`}`;
}

function numberText(key: string, value: number, owner: Fields, time: TimeText): string {
  if (DURATIONS.has(key)) return durationText(value);
  if (key.endsWith('_ms')) return time(value);
  const scale = typeof owner.quantity === 'string' ? SCALES[owner.quantity] : undefined;
  if (scale !== undefined && MEASURED.has(key))
    return `${decimalText(value, scale[1])} ${scale[0]}`;
  if (AMOUNTS.has(key) && owner.unit !== undefined) {
    return `${value} ${owner.unit === 'g' ? 'g' : '件 pcs'}`;
  }
  return String(value);
}

const isNames = (value: Fields): value is Fields & Names =>
  typeof value.zh === 'string' && typeof value.en === 'string';

function valueText(
  key: string,
  value: unknown,
  owner: Fields,
  time: TimeText,
  depth: number,
): string {
  if (value === null || value === undefined) return '—';
  if (typeof value === 'number') return numberText(key, value, owner, time);
  if (typeof value === 'boolean') return value ? '是 yes' : '否 no';
  if (typeof value !== 'object') return String(value);
  if (depth >= DEPTH_MAX) return '…';
  if (Array.isArray(value)) {
    const items = value.map((item) => valueText(key, item, owner, time, depth + 1));
    return items.length === 0 ? '—' : items.join('; ');
  }
  const fields = value as Fields;
  if (isNames(fields)) return bothNames(fields);
  return Object.entries(fields)
    .filter(([name]) => name !== 'roles' && name !== 'unit')
    .map(([name, inner]) => {
      const text = valueText(name, inner, fields, time, depth + 1);
      return name === 'name' || name === 'id' ? text : `${fieldTitle(name)} ${text}`;
    })
    .join(', ');
}

/** Every field of a claim as a line, in both languages. */
export function claimLines(claim: Claim, time: TimeText): string[] {
  const fields = claim as unknown as Fields;
  const quantity =
    typeof fields.quantity === 'string' ? [`${fieldTitle('quantity')}: ${fields.quantity}`] : [];
  const rest = Object.entries(fields)
    .filter(([key]) => !NOT_FIELDS.has(key))
    .map(([key, value]) => `${fieldTitle(key)}: ${valueText(key, value, fields, time, 0)}`);
  return [...quantity, ...rest];
}
