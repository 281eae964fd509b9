import { AppError } from '@suyuan/contracts';
import { columnName } from '../sheets/table.ts';

/** What a column may hold, and what makers call it. */
export interface Field {
  readonly key: string;
  /** First the name as it is shown, then what else it is called. */
  readonly zh: readonly string[];
  readonly en: readonly string[];
  readonly required: boolean;
}

/** Which column, from 0, holds which field. */
export type ColumnMap = Readonly<Record<string, number>>;

export interface Mapping {
  readonly columns: ColumnMap;
  /** Keys of required fields without a column. */
  readonly missing: readonly string[];
  /** Fields that more than one column claims, with those columns; none of them is taken. */
  readonly ambiguous: readonly { readonly key: string; readonly columns: readonly number[] }[];
  /** Columns that are no field. */
  readonly unused: readonly number[];
}

/** A mapping that a person made once, to be kept as JSON: the header's own words, so that columns may move. */
export interface SavedMapping {
  readonly v: 1;
  readonly fields: Readonly<Record<string, string>>;
}

const FIELDS_MAX = 64;
const HEADER_UNITS_MAX = 4096;

/** A header as it is compared: without case, blanks, marks, and what stands in brackets. */
export function plainHeader(text: string): string {
  const plain = text.slice(0, HEADER_UNITS_MAX).normalize('NFKC').toLowerCase();
  const outside = plain.replace(/[([【][^)\]】]*[)\]】]/g, '');
  const bare = (outside.trim() === '' ? plain : outside).replace(/[^\p{L}\p{N}]/gu, '');
  return bare;
}

/** Both languages of a header such as `批次号 Lot` or `批次号/Lot`, each and together. */
function formsOf(text: string): Set<string> {
  const parts = text.split(
    /[/|\n]|(?<=\p{Script=Han})\s*(?=[A-Za-z])|(?<=[A-Za-z])\s*(?=\p{Script=Han})/u,
  );
  return new Set([text, ...parts].map(plainHeader).filter((form) => form !== ''));
}

/**
 * Finds the fields in a header: by a name of theirs that is the column's, in either language or both. A field that several columns claim is
 * ambiguous; nothing is guessed.
 */
export function mapColumns(header: readonly string[], fields: readonly Field[]): Mapping {
  const claims = new Map<string, number[]>();
  const forms = header.map(formsOf);
  for (const { key, zh, en } of fields) {
    const names = new Set([...zh, ...en].map(plainHeader));
    const whole = header.flatMap((text, i) => (names.has(plainHeader(text)) ? [i] : []));
    const partly = forms.flatMap((set, i) => ([...set].some((form) => names.has(form)) ? [i] : []));
    claims.set(key, whole.length > 0 ? whole : partly);
  }
  const columns: Record<string, number> = {};
  const ambiguous: { key: string; columns: number[] }[] = [];
  for (const [key, claimed] of claims) {
    if (claimed.length === 0) continue;
    const [only] = claimed;
    const rivals = [...claims].some(
      ([other, theirs]) => other !== key && theirs.length === 1 && theirs[0] === only,
    );
    if (claimed.length === 1 && !rivals) columns[key] = only!;
    else ambiguous.push({ key, columns: claimed });
  }
  return {
    columns,
    missing: fields
      .filter((f) => f.required && (claims.get(f.key) ?? []).length === 0)
      .map((f) => f.key),
    ambiguous,
    unused: header.map((_, i) => i).filter((i) => !Object.values(columns).includes(i)),
  };
}

/** Throws `mapping/missing` or `mapping/ambiguous` with the names of fields and columns. */
export function assertMapped(
  mapping: Mapping,
  header: readonly string[],
  fields: readonly Field[],
): ColumnMap {
  const nameOf = (key: string) => {
    const field = fields.find((f) => f.key === key);
    return `${field?.zh[0] ?? ''} ${field?.en[0] ?? key}`.trim();
  };
  if (mapping.ambiguous.length > 0) {
    const list = mapping.ambiguous.map(
      ({ key, columns }) => `${nameOf(key)}: ${columns.map(columnName).join(', ')}`,
    );
    throw new AppError(
      'mapping/ambiguous',
      `It is not clear which column is which (${list.join('; ')}): rename the others, or save a mapping.`,
      { fields: mapping.ambiguous.map(({ key }) => key).join(' ') },
    );
  }
  if (mapping.missing.length > 0) {
    throw new AppError(
      'mapping/missing',
      `No column is named ${mapping.missing.map(nameOf).join(', ')} (there are ${header
        .map((h) => h.slice(0, 20))
        .join(', ')
        .slice(0, 300)}): name it so, or save a mapping.`,
      { fields: mapping.missing.join(' ') },
    );
  }
  return mapping.columns;
}

/** What is kept of a mapping. */
export function saveMapping(columns: ColumnMap, header: readonly string[]): SavedMapping {
  const entries = Object.entries(columns).map(([key, i]) => [key, header[i] ?? ''] as const);
  return { v: 1, fields: Object.fromEntries(entries) };
}

function isSaved(value: unknown): value is SavedMapping {
  if (typeof value !== 'object' || value === null || !('v' in value) || value.v !== 1) return false;
  if (!('fields' in value) || typeof value.fields !== 'object' || value.fields === null)
    return false;
  const texts = Object.values(value.fields);
  return (
    texts.length <= FIELDS_MAX &&
    texts.every((t) => typeof t === 'string' && t.length <= HEADER_UNITS_MAX)
  );
}

/**
 * Applies a saved mapping (parsed JSON of any origin) to a header; fields that it does not name are looked for by their names. A column that it names and
 * the header lacks, or has twice, is missing or ambiguous. Throws `mapping/malformed`.
 */
export function applyMapping(
  saved: unknown,
  header: readonly string[],
  fields: readonly Field[],
): Mapping {
  if (!isSaved(saved)) {
    throw new AppError('mapping/malformed', 'This is no saved mapping of columns: make it anew.');
  }
  const unknown = Object.keys(saved.fields).find((key) => !fields.some((f) => f.key === key));
  if (unknown !== undefined) {
    throw new AppError(
      'mapping/malformed',
      `The mapping names a field "${unknown.slice(0, 40)}" that this import does not have: make it anew.`,
    );
  }
  const chosen = fields.filter((f) => Object.hasOwn(saved.fields, f.key));
  const taken = chosen.map(({ key }) => {
    const wanted = saved.fields[key]!.normalize('NFKC').trim();
    const columns = header.flatMap((h, i) => (h.normalize('NFKC').trim() === wanted ? [i] : []));
    return { key, columns };
  });
  const used = new Set(taken.flatMap(({ columns }) => columns));
  const rest = mapColumns(
    header.map((h, i) => (used.has(i) ? '' : h)),
    fields.filter((f) => !chosen.includes(f)),
  );
  const columns: Record<string, number> = { ...rest.columns };
  for (const { key, columns: found } of taken) if (found.length === 1) columns[key] = found[0]!;
  return {
    columns,
    missing: [...taken.filter((t) => t.columns.length === 0).map((t) => t.key), ...rest.missing],
    ambiguous: [...taken.filter((t) => t.columns.length > 1), ...rest.ambiguous],
    unused: header.map((_, i) => i).filter((i) => !Object.values(columns).includes(i)),
  };
}
