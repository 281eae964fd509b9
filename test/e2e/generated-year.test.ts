import { generateLoggerFile } from './support/logger-file.ts';
import { describeYear } from './support/year-tests.ts';

describeYear('a generated logger', () => generateLoggerFile('suyuan-year-1'));
