import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { countFile, readLoggerFile } from './support/logger-file.ts';
import { ROOT } from './support/paths.ts';
import { describeYear } from './support/year-tests.ts';

/** Three sensors of a museum's store, a quarter hour apart. The test command says so when it is not there. */
const FILE = join(ROOT, '..', 'shared', 'data', 'museum-store-2024.csv.gz');

if (existsSync(FILE)) {
  test('the file is the one that its description counts', async () => {
    const { rows, missingValues, readings } = countFile(await readLoggerFile(FILE));
    // 582 rows are without values, each without both.
    expect({ rows, missingValues, readings: readings.length }).toEqual({
      rows: 105_408,
      missingValues: 2 * 582,
      readings: 2 * (105_408 - 582),
    });
  });
  describeYear('the museum', () => readLoggerFile(FILE));
} else {
  test.skip('the year of the museum: no file at ../shared/data', () => {});
}
