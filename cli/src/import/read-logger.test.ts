import { type Cell, readTable } from '@suyuan/paper';
import { describe, expect, it } from 'vitest';
import { type LoggerOptions, readLoggerTable } from './read-logger.ts';
import { createErrorList } from './row-error.ts';

const NOW = Date.UTC(2026, 0, 1);
const at = (iso: string) => Date.parse(iso);

async function read(text: string, options: Partial<LoggerOptions> = {}) {
  const table = await readTable(new TextEncoder().encode(text), { format: 'csv' });
  const errors = createErrorList();
  const found = readLoggerTable(table, { now_ms: NOW, ...options }, errors);
  return { ...found, errors: errors.kept, count: errors.count };
}

/** As the makers' programs lay their exports out; the values are ours. */
const LAYOUTS: readonly [string, string, Partial<LoggerOptions>][] = [
  [
    'Elitech',
    'Device Model,RC-5\nSerial,E1\n\nNo.,Time,Temperature(°C),Humidity(%RH)\n1,2025-03-01 08:00:00,21.5,65.2\n2,2025-03-01 08:15:00,21.25,--\n',
    { tz: '+08:00' },
  ],
  [
    'Chinese headers, GB 18030 or UTF-8',
    '设备名称,库房1\n时区,UTC+8\n序号,记录时间,温度(℃),湿度(%RH)\n1,2025/3/1 8:00:00,21.5℃,65.2%\n2,2025年3月1日 08:15,21.25℃,\n',
    {},
  ],
  [
    'Testo: points in dates, decimal commas',
    'testo 175 H1;SN 1\n\nDate;Time;Temperature [°C];Relative humidity [%rF]\n01.03.2025;08:00:00;21,5;65,2\n01.03.2025;08:15:00;21,25;\n',
    { tz: 'Asia/Shanghai' },
  ],
  [
    'HOBO: zone in the header, twelve hours',
    'Plot Title: store\n#,"Date Time, GMT+08:00","Temp, °F (LGR S/N: 1, SEN S/N: 1)","RH, % (LGR S/N: 1)"\n1,03/01/25 08:00:00 AM,70.7,65.2\n2,03/01/25 08:15:00 AM,70.25,\n',
    { dateOrder: 'mdy' },
  ],
  [
    'Sensitech: months by name, newest first',
    'TempTale;Shipment 1\nTime zone;UTC+08:00\nDate;Time;Temp (C);RH\n01-Mar-2025;08:15 AM;21.25;\n01-Mar-2025;08:00 AM;21.5;65.2\n',
    {},
  ],
];

describe('logger files', () => {
  it.each(LAYOUTS)('of %s are recognised', async (_maker, text, options) => {
    const { rows, errors } = await read(text, options);
    expect(errors).toEqual([]);
    expect(rows.map(({ time_ms }) => time_ms)).toEqual([
      at('2025-03-01T08:00:00+08:00'),
      at('2025-03-01T08:15:00+08:00'),
    ]);
    expect(rows.map(({ readings }) => readings.map(({ value }) => value))).toEqual([
      [21_500, 65_200],
      [21_250],
    ]);
  });

  const one = (time: string, header = 'Time,Temp (C)', value = '20') =>
    `${header}\n${time},${value}\n`;

  it.each([
    ['no zone anywhere', one('2025-03-01 08:00'), {}, 'import/no-zone'],
    ['day or month', one('03/04/2025 08:00'), { tz: 'Z' }, 'import/ambiguous-date'],
    ['a year of two digits', one('31/01/25 08:00'), { tz: 'Z' }, 'import/ambiguous-date'],
    ['°C or °F', one('2025-03-01 08:00', 'Time,Temp'), { tz: 'Z' }, 'import/no-temperature-unit'],
    ['two units', one('2025-03-01 08:00'), { tz: 'Z', unit: 'F' as const }, 'import/other-unit'],
    [
      'two zones',
      one('2025-03-01 08:00', '"Time, GMT+08:00",Temp C'),
      { tz: 'Z' },
      'import/other-zone',
    ],
    ['no columns', 'a,b\n1,2\n', { tz: 'Z' }, 'import/no-logger'],
    [
      'two sensors',
      one('2025-03-01 08:00', 'Time,Temp (C),Temperature (C)', '1,2'),
      { tz: 'Z' },
      'mapping/ambiguous',
    ],
  ])('are refused where nothing may be guessed: %s', async (_what, text, options, code) => {
    const told = await read(text, options).then(
      ({ errors }) => errors.map((error) => error.code),
      (error: unknown) => [(error as { code: string }).code],
    );
    expect(told).toEqual([code]);
  });

  it('are taken when the file itself tells the order, or a person does', async () => {
    const both = 'Time,Temp (C)\n03/04/2025 08:00,20\n13/04/2025 08:00,20\n';
    expect((await read(both, { tz: 'Z' })).rows[0]?.time_ms).toBe(at('2025-04-03T08:00:00Z'));
    const told = await read(one('03/04/2025 08:00'), { tz: 'Z', dateOrder: 'mdy' });
    expect(told.rows[0]?.time_ms).toBe(at('2025-03-04T08:00:00Z'));
    await expect(
      read('Time,Temp (C)\n13/04/2025 08:00,20\n04/13/2025 08:00,20\n', { tz: 'Z' }),
    ).rejects.toMatchObject({ code: 'import/ambiguous-date' });
  });

  it('tell every row that cannot be, with its column', async () => {
    const rows = [
      '2025-02-30 08:00,20',
      '2025-03-01 08:00,hot',
      '2025-03-01 08:00,20',
      '2025-03-02 08:00,200',
      '2030-01-01 00:00,20',
      '2025-03-02 24:00,1',
    ];
    const { errors } = await read(`Time,Temp (C)\n${rows.join('\n')}\n`, { tz: 'Z' });
    expect(errors.map(({ row, column, code }) => [row, column, code])).toEqual([
      [2, 'A Time', 'import/bad-time'],
      [3, 'B Temp (C)', 'table/bad-number'],
      [4, null, 'import/out-of-order'],
      [5, 'B Temp (C)', 'import/out-of-range'],
      [6, 'A Time', 'import/future-time'],
      [7, 'A Time', 'import/bad-time'],
    ]);
  });

  it('may have a saved mapping, and dates of the spreadsheet', async () => {
    const saved = { v: 1, fields: { time: 'Fühlerzeit', temperature: 'Kanal 1 [°C]' } };
    const { rows } = await read('Fühlerzeit;Kanal 1 [°C]\n01.03.2025 08:00;-0,5\n', {
      saved,
      tz: 'Z',
    });
    expect(rows).toMatchObject([{ readings: [{ value: -500 }] }]);
    const date: Cell = {
      kind: 'date',
      wall_ms: at('2025-03-01T08:00:00Z'),
      hasTime: true,
      text: '',
    };
    const errors = createErrorList();
    const table = {
      ...{ header: ['Time', 'Temp (C)'], headerRow: 1 },
      rows: [{ number: 2, cells: [date, { kind: 'number' as const, text: '20.5' }] }],
    };
    const found = readLoggerTable(table, { now_ms: NOW, tz: '+08:00' }, errors);
    expect(found.rows[0]).toMatchObject({ time_ms: at('2025-03-01T00:00:00Z') });
  });
});
