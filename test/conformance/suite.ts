// What a conformance suite is: it reads a folder of vectors and reports each case.

import type { VectorFile } from './vector-files.ts';

export type Outcome = 'passed' | 'failed' | 'skipped';

export interface CaseResult {
  /** Path of the vector file, relative to the folder of vectors. */
  readonly file: string;
  readonly name: string;
  readonly outcome: Outcome;
  /** Why it failed or was skipped, or under which setting it passed. */
  readonly reason?: string;
}

export interface Suite {
  readonly name: string;
  readonly about: string;
  /** Runs every case found under `dir`. A case that goes wrong is a result, never an exception. */
  run(dir: string): CaseResult[] | Promise<CaseResult[]>;
}

/** The results of all files; one that `runFile` cannot cope with is a failed case of its own. */
export function runFiles(
  files: readonly VectorFile[],
  runFile: (file: VectorFile) => CaseResult[],
): CaseResult[] {
  return files.flatMap((vectors) => {
    try {
      if (vectors.json === undefined) throw new Error('this is no JSON');
      return runFile(vectors);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return [{ file: vectors.file, name: 'file', outcome: 'failed', reason }];
    }
  });
}

/** The result of `check`: passed unless it throws; its text, if it gives one, is kept as a remark. */
export function runCase(file: string, name: string, check: () => string | undefined): CaseResult {
  try {
    const remark = check();
    return { file, name, outcome: 'passed', ...(remark === undefined ? {} : { reason: remark }) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { file, name, outcome: 'failed', reason };
  }
}
