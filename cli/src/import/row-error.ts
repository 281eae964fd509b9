import { isAppError } from '@suyuan/contracts';

/** What is wrong with one row, or with the file as a whole. */
export interface RowError {
  /** As the spreadsheet counts it; null for the whole file. */
  readonly row: number | null;
  /** Letter and header of the column, where one is to blame. */
  readonly column: string | null;
  readonly code: string;
  readonly message: string;
}

/** Errors that are kept; how many there were is counted on. A file of the wrong kind has one in every row. */
export const ERRORS_KEPT_MAX = 200;

export interface ErrorList {
  readonly kept: readonly RowError[];
  readonly count: number;
  add(error: RowError): void;
}

/** A list that keeps the errors of the lowest rows it is told of first, and one error of each code about the whole file. */
export function createErrorList(): ErrorList {
  const kept: RowError[] = [];
  let count = 0;
  return {
    get kept() {
      return [...kept].sort((a, b) => (a.row ?? 0) - (b.row ?? 0));
    },
    get count() {
      return count;
    },
    add(error) {
      if (error.row === null && kept.some(({ row, code }) => row === null && code === error.code)) {
        return;
      }
      count += 1;
      if (kept.length < ERRORS_KEPT_MAX) kept.push(error);
    },
  };
}

/** Runs `read`; what it refuses with a code goes to `tell`. Anything else is a defect and goes on. */
export function attempt<T>(
  read: () => T,
  tell: (code: string, message: string) => void,
): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!isAppError(error)) throw error;
    tell(error.code, error.message);
    return undefined;
  }
}
