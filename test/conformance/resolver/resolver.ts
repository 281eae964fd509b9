// Suite `resolver`: the clauses of a GS1-conformant resolver, asked of a running server over a seeded ledger. Where the vectors
// hold the clause list, each of its clauses must be one that a check names or an exception that is argued; where they hold
// the linkset schema, every linkset must satisfy it.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CaseResult, Suite } from '../suite.ts';
import { CHECKS, EXCEPTIONS } from './checks.ts';
import { openResolver, type World } from './client.ts';
import { assertValid, exampleCases, readLinksetSchema } from './schemas.ts';

const CLAUSES = 'gs1/resolver/ConformantResolver1_0.txt';

export const resolver: Suite = {
  name: 'resolver',
  about:
    'GS1-conformant resolver: the clause list against a running server, linksets against their schema',
  async run(dir) {
    const world = await openResolver();
    try {
      const results: CaseResult[] = [];
      for (const { lines, name, run } of CHECKS) {
        const clauses = `clause${lines.length > 1 ? 's' : ''} ${lines.join(', ')}`;
        results.push(await runCheck(clauses, name, () => run(world)));
      }
      return [...results, ...(await schemaCases(dir, world)), ...coverageCases(dir)];
    } finally {
      await world.close();
    }
  },
};

async function runCheck(
  file: string,
  name: string,
  check: () => Promise<unknown>,
): Promise<CaseResult> {
  try {
    const remark = await check();
    return {
      file,
      name,
      outcome: 'passed',
      ...(typeof remark === 'string' ? { reason: remark } : {}),
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { file, name, outcome: 'failed', reason };
  }
}

async function schemaCases(dir: string, world: World): Promise<CaseResult[]> {
  const validate = readLinksetSchema(dir);
  if (validate === undefined) return [];
  const results = exampleCases(dir, validate);
  for (const path of world.known) {
    results.push(
      await runCheck('clause 13', `the linkset of ${path} satisfies the schema`, async () => {
        const response = await world.fetch(`${path}?linkType=linkset`);
        assertValid(validate, await response.json(), path);
      }),
    );
  }
  return results;
}

/** A clause that nobody thought of is a failure, an exception says why. Headings end with a colon. */
function coverageCases(dir: string): CaseResult[] {
  const path = join(dir, CLAUSES);
  if (!existsSync(path)) return [];
  const checked = new Set(CHECKS.flatMap(({ lines }) => lines));
  return readFileSync(path, 'utf8')
    .split(/\r?\n/)
    .flatMap((text, i): CaseResult[] => {
      const line = i + 1;
      if (text.trim() === '' || text.trim().endsWith(':') || checked.has(line)) return [];
      const exception = EXCEPTIONS.get(line);
      const name = `clause ${line}`;
      return exception === undefined
        ? [{ file: CLAUSES, name, outcome: 'failed', reason: 'no check is about it' }]
        : [{ file: CLAUSES, name, outcome: 'skipped', reason: exception }];
    });
}
