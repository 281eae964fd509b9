// Suite `digital-link`: reading, writing and canonical form of GS1 Digital Links, against the vectors below `gs1/digital-link`.
//
// The reference engine's vectors were recorded under several settings of that engine, which the files do not tell: the same
// link occurs as valid and as invalid. A case therefore passes when our answer is the expected one under the default or,
// failing that, under one of the named settings below; the report says which.

import { isAppError } from '../../contracts/src/errors.ts';
import {
  buildDigitalLink,
  canonicalDigitalLink,
  type DigitalLinkOptions,
  parseDigitalLink,
  parseElementString,
} from '../../contracts/src/gs1/index.ts';
import { type CaseResult, runCase, runFiles, type Suite } from './suite.ts';
import { hasMembers, readVectorFiles, type VectorFile } from './vector-files.ts';

const SETTINGS: readonly [name: string, options: DigitalLinkOptions][] = [
  ['', {}],
  ['GTINs of 14 digits only', { gtinLengths: [14] }],
  ['GTINs of 8 to 14 digits', { gtinLengths: [8, 12, 13, 14] }],
  ['unknown AIs accepted', { unknownAis: true }],
  ['short names accepted', { alphas: true }],
];

/** The answer of `act`, or the code of the coded error with which it refused. */
function answerOf(act: () => string): { text: string } | { code: string } {
  try {
    return { text: act() };
  } catch (error) {
    if (isAppError(error, 'gs1')) return { code: error.code };
    throw error;
  }
}

/** Compares with `expected`, null meaning that it must be refused; gives the setting under which it holds. */
function expectAnswer(expected: string | null, act: (o: DigitalLinkOptions) => string) {
  const given: string[] = [];
  for (const [setting, options] of SETTINGS) {
    const answer = answerOf(() => act(options));
    const text = 'text' in answer ? answer.text : null;
    if (text === expected) return setting === '' ? undefined : `setting: ${setting}`;
    given.push('text' in answer ? answer.text : answer.code);
  }
  throw new Error(`gave ${given[0]}, expected ${expected ?? 'a refusal'}`);
}

function linkCase(file: string, index: number, item: unknown): CaseResult {
  const at = `#${index + 1}`;
  if (hasMembers(item, 'input', 'canonical')) {
    const { input, canonical } = item;
    return runCase(file, `${at} ${String(input)}`, () => {
      const answer = answerOf(() => canonicalDigitalLink(input as string));
      const text = 'text' in answer ? answer.text : null;
      if (text !== canonical) {
        throw new Error(`gave ${text ?? JSON.stringify(answer)}, expected ${String(canonical)}`);
      }
      return undefined;
    });
  }
  if (hasMembers(item, 'valid', 'stem', 'elementString')) {
    const expected = item.valid === true && hasMembers(item, 'uri') ? String(item.uri) : null;
    const stem = String(item.stem);
    return runCase(file, `${at} ${String(item.elementString)}`, () =>
      expectAnswer(expected, (options) =>
        buildDigitalLink(parseElementString(String(item.elementString)), { ...options, stem }),
      ),
    );
  }
  if (hasMembers(item, 'valid', 'uri')) {
    const expected =
      item.valid === true && hasMembers(item, 'elementString') ? String(item.elementString) : null;
    return runCase(file, `${at} ${String(item.uri)}`, () =>
      expectAnswer(expected, (options) =>
        parseDigitalLink(String(item.uri), options).elementString(),
      ),
    );
  }
  return { file, name: at, outcome: 'skipped', reason: 'its shape is not known' };
}

function runFile({ file, json }: VectorFile): CaseResult[] {
  if (!Array.isArray(json)) {
    return [{ file, name: 'file', outcome: 'skipped', reason: 'it is no list of cases' }];
  }
  return json.map((item, index) => linkCase(file, index, item));
}

export const digitalLink: Suite = {
  name: 'digital-link',
  about: 'GS1 Digital Link: links to element strings, element strings to links, canonical links',
  run: (dir) => runFiles(readVectorFiles(dir, 'gs1/digital-link'), runFile),
};
