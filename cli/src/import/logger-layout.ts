// Where in a logger's file its columns are, under whatever it says of itself first, and what they are measured in.

import { AppError } from '@suyuan/contracts';
import {
  applyMapping,
  assertMapped,
  type Cell,
  type ColumnMap,
  type Field,
  type Mapping,
  mapColumns,
  type Row,
  type Table,
} from '@suyuan/paper';
import type { TemperatureUnit } from './logger-values.ts';

/** Rows of metadata before the header. */
const HEADER_WITHIN = 100;

const values: readonly Field[] = [
  {
    key: 'temperature',
    zh: ['温度', '温度值', '环境温度', '探头温度', '通道1温度', '温度C', '温度F', '测量温度'],
    en: [
      ...['Temperature', 'Temp', 'Temp C', 'Temp F', 'Temperature C', 'Temperature F'],
      ...[
        'Temperature Celsius',
        'Temperature Fahrenheit',
        'Ch1 Temp',
        'Temp 1',
        'Sensor temperature',
      ],
    ],
    required: true,
  },
  {
    key: 'humidity',
    zh: ['湿度', '相对湿度', '湿度值', '湿度RH', '相对湿度RH'],
    en: [
      'Humidity',
      'RH',
      'Relative humidity',
      'Humidity RH',
      'Relative humidity RH',
      'rF',
      'RH pct',
    ],
    required: false,
  },
];

/** One column of date and time, or a column of each. */
const ONE: readonly Field[] = [
  {
    key: 'time',
    zh: ['时间', '日期时间', '记录时间', '测量时间', '采集时间', '日期'],
    en: [
      ...[
        'Time',
        'Date Time',
        'Timestamp',
        'Date and time',
        'Record time',
        'Recorded',
        'Logged at',
      ],
      ...['Measured at', 'Measuring time', 'Date', 'Time stamp', 'Time UTC'],
    ],
    required: true,
  },
  ...values,
];
const TWO: readonly Field[] = [
  { key: 'date', zh: ['日期', '记录日期'], en: ['Date', 'Day'], required: true },
  { key: 'clock', zh: ['时间', '时刻', '记录时间'], en: ['Time', 'Time of day'], required: true },
  ...values,
];

export interface LoggerLayout {
  readonly headerRow: number;
  readonly header: readonly string[];
  readonly columns: ColumnMap;
  readonly rows: readonly Row[];
  /** What the header says; null where it is silent. */
  readonly unit: TemperatureUnit | null;
  /** `+08:00`, from the header or the lines before it. */
  readonly zone: string | null;
}

const textOf = (cell: Cell): string => (cell.kind === 'empty' ? '' : cell.text.trim());

/** Throws `mapping/…`, or `import/no-logger` when no row names a time and a temperature. */
export function findLayout(table: Table, saved?: unknown): LoggerLayout {
  const head: Row = {
    number: table.headerRow,
    cells: table.header.map((text) => (text === '' ? { kind: 'empty' } : { kind: 'text', text })),
  };
  const all = [head, ...table.rows];
  let nearly: { mapping: Mapping; header: string[]; fields: readonly Field[] } | undefined;
  for (const [at, row] of all.slice(0, HEADER_WITHIN).entries()) {
    const header = row.cells.map(textOf);
    for (const fields of [TWO, ONE]) {
      const bare = header.map(withoutZone);
      // A mapping names the header as it stands in the file.
      const mapping =
        saved === undefined ? mapColumns(bare, fields) : savedMapping(saved, header, fields);
      if (mapping === undefined) continue;
      if (mapping.missing.length === 0 && mapping.ambiguous.length === 0) {
        const columns = assertMapped(mapping, header, fields);
        const before = all.slice(0, at).map((one) => one.cells.map(textOf).join(' '));
        return {
          ...{ headerRow: row.number, header, columns, rows: all.slice(at + 1) },
          unit: unitIn(header[columns.temperature ?? -1] ?? ''),
          zone:
            zoneIn(header[columns.time ?? columns.clock ?? -1] ?? '') ?? zoneIn(before.join('\n')),
        };
      }
      if (mapping.missing.length === 0) nearly ??= { mapping, header, fields };
    }
  }
  if (nearly !== undefined) assertMapped(nearly.mapping, nearly.header, nearly.fields);
  throw new AppError(
    'import/no-logger',
    'No row of this file names a column of times and one of temperatures: save a mapping, as in {"v":1,"fields":{"time":"…","temperature":"…"}}.',
  );
}

function savedMapping(
  saved: unknown,
  header: readonly string[],
  fields: readonly Field[],
): Mapping | undefined {
  const named =
    typeof saved === 'object' && saved !== null && 'fields' in saved ? saved.fields : {};
  const isTwo = typeof named === 'object' && named !== null && 'clock' in named;
  if (isTwo !== (fields === TWO)) return undefined;
  return applyMapping(saved, header, fields);
}

const ZONE = /(?:UTC|GMT)\s*([+-−])\s*(\d{1,2})(?::?(\d{2}))?/iu;
const NAMED_ZONE = /(?:time ?zone|时区)[^\n]{0,20}?([+-])\s*(\d{1,2})(?::?(\d{2}))?/iu;

/** `Date Time, GMT+08:00` names the column `Date Time`. */
function withoutZone(text: string): string {
  return text.replace(/[,\s(]*(?:UTC|GMT)\s*[+-]\s*\d{1,2}(?::?\d{2})?\)?/i, '');
}

function zoneIn(text: string): string | null {
  const match = ZONE.exec(text) ?? NAMED_ZONE.exec(text);
  if (match === null) return null;
  const [, sign, hours = '0', minutes = '00'] = match;
  return `${sign === '+' ? '+' : '-'}${hours.padStart(2, '0')}:${minutes}`;
}

function unitIn(header: string): TemperatureUnit | null {
  const text = header.normalize('NFKC').toLowerCase();
  const names = (letter: string, words: string) =>
    new RegExp(
      `°\\s*${letter}(?![a-z])|${words}|[(\\[]\\s*${letter}\\s*[)\\]]|[ _,]${letter}$`,
    ).test(text);
  const celsius = names('c', '摄氏|celsius');
  const fahrenheit = names('f', '华氏|fahrenheit');
  return celsius === fahrenheit ? null : celsius ? 'C' : 'F';
}
