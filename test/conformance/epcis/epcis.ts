// Suite `epcis`: every valid example captured and given back equal, every invalid one refused with the right problem, and the
// interface itself, asked of a running house. An example passes when all of its events come back as they went in, but for what
// a repository adds (recordTime, and an eventID where there was none).

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { eventHash, readEpcisContext, readEpcisDocument } from '../../../contracts/src/index.ts';
import type { CaseResult, Suite } from '../suite.ts';
import { eventsOf } from './answer.ts';
import { type EpcisHouse, openEpcisHouse } from './house.ts';
import { INTERFACE_CHECKS } from './interface-checks.ts';

type Json = Record<string, unknown>;

export const epcis: Suite = {
  name: 'epcis',
  about: 'EPCIS 2.0: examples captured and given back, invalid ones refused, the REST interface',
  async run(dir) {
    const house = await openEpcisHouse();
    try {
      const results: CaseResult[] = [];
      const used = new Map<string, string>();
      for (const path of documentsBelow(join(dir, 'gs1/examples-valid'))) {
        const file = relative(dir, path).replaceAll('\\', '/');
        results.push(await runCheck(file, 'comes back', () => roundTrip(house, path, used)));
      }
      for (const path of documentsBelow(join(dir, 'gs1/examples-invalid'))) {
        const file = relative(dir, path).replaceAll('\\', '/');
        results.push(await runCheck(file, 'is judged', () => judged(house, path, file)));
      }
      for (const [name, check] of INTERFACE_CHECKS)
        results.push(await runCheck('interface', name, () => check(house)));
      return results;
    } finally {
      await house.close();
    }
  },
};

async function runCheck(
  file: string,
  name: string,
  check: () => Promise<unknown>,
): Promise<CaseResult> {
  try {
    await check();
    return { file, name, outcome: 'passed' };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { file, name, outcome: 'failed', reason };
  }
}

function documentsBelow(root: string): string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /(?<!derived-hashes)\.json(ld)?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Examples borrow each other's ids for other contents; an id is an account's own, so each such example has one. */
function accountFor(events: readonly Json[], ids: readonly string[], used: Map<string, string>) {
  for (let account = 0; ; account += 1) {
    const key = (n: number) => `${account} ${ids[n]} ${'errorDeclaration' in (events[n] ?? {})}`;
    const text = (n: number) => JSON.stringify(events[n]);
    const isFree = ids.every((_, n) => (used.get(key(n)) ?? text(n)) === text(n));
    if (!isFree) continue;
    for (const n of ids.keys()) used.set(key(n), text(n));
    return account;
  }
}

async function roundTrip(house: EpcisHouse, path: string, used: Map<string, string>) {
  const body = readFileSync(path, 'utf8');
  const document = JSON.parse(body) as Json;
  const { events } = readEpcisDocument(document);
  const context = readEpcisContext(document);
  const ids = events.map((event) => event.eventID ?? eventHash(event, context));
  const given = events as unknown as Json[];
  const account = accountFor(given, ids, used);
  const { response, job } = await house.capture(body, { account });
  if (job === undefined) throw new Error(`refused: ${response.status} ${await response.text()}`);
  if (!job.success) throw new Error(`the job failed: ${JSON.stringify(job.errors)}`);
  for (const [n, event] of given.entries()) {
    const id = encodeURIComponent(ids[n] ?? '');
    const found = eventsOf(await (await house.fetch(`/epcis/events/${id}`)).json());
    if (!found.some((back) => isDeepStrictEqual(asGiven(back, event), withoutTime(event))))
      throw new Error(`event ${n} came back as ${JSON.stringify(found).slice(0, 400)}`);
  }
}

const withoutTime = ({ recordTime: _, ...event }: Json): Json => event;

/** Without what a repository adds. */
function asGiven(back: Json, given: Json): Json {
  const { recordTime, ...event } = back;
  if (typeof recordTime !== 'string') throw new Error('an event without recordTime');
  for (const name of ['eventID', '@context']) if (!(name in given)) delete event[name];
  return event;
}

let queries = 0;

async function judged(house: EpcisHouse, path: string, file: string): Promise<void> {
  const body = readFileSync(path, 'utf8');
  if (file.includes('/Queries/')) return judgedQuery(house, body, file.includes('/Invalid/'));
  const { response, job } = await house.capture(body);
  const types =
    job === undefined
      ? [((await response.json()) as { type: string }).type]
      : job.errors.map(({ type }) => type);
  if (job === undefined && response.status !== 400) throw new Error(`answered ${response.status}`);
  if (job?.success === true) throw new Error('was captured');
  if (types.length === 0 || types.some((type) => type !== 'epcisException:ValidationException'))
    throw new Error(`was refused as ${types.join(', ')}`);
}

async function judgedQuery(house: EpcisHouse, body: string, invalid: boolean): Promise<void> {
  queries += 1;
  const name = `example-${queries}`;
  const definition = JSON.stringify({ name, query: JSON.parse(body) as unknown });
  const response = await house.post('/epcis/queries', definition);
  if (!invalid) {
    if (response.status !== 201) throw new Error(`refused: ${await response.text()}`);
    const answer = await house.fetch(`/epcis/queries/${name}/events`);
    if (answer.status !== 200) throw new Error(`its events: ${answer.status}`);
    return;
  }
  const { type } = (await response.json()) as { type: string };
  if (
    response.status !== 400 ||
    !/^epcisException:Query(Parameter|Validation)Exception$/.test(type)
  )
    throw new Error(`answered ${response.status} ${type}`);
}
