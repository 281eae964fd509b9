// Our table against the syntax dictionary that GS1 publishes, where it lies beside the project.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { AI_TABLE, type AiEntry, hasPredefinedLength, qualifierSequences } from './ai-table.ts';

const DICTIONARY = fileURLToPath(
  new URL('../../../../shared/vectors/gs1/digital-link/gs1-syntax-dictionary.txt', import.meta.url),
);

/** Our letter for each rule of the dictionary; '' for those that we leave to whoever knows the code lists. */
const LETTERS: Record<string, string> = {
  ...{ csum: 'k', csumalpha: 'g', yymmd0: 'd', yymmdd: 'D', yyyymmdd: 'Y', hhmi: 't', hh: 'h' },
  ...{ mi: 'm', ss: 'm', latitude: 'a', longitude: 'o', iso3166alpha2: 'A', yesno: 'b' },
  ...{ iso5218: 's', winding: 'w', zero: 'Z', nonzero: 'p', nozeroprefix: 'l', iban: 'i' },
  ...{ pieceoftotal: 'q', pcenc: 'e', hyphen: '-', posinseqslash: '/', gcppos1: '', gcppos2: '' },
  ...{ iso3166: '', iso3166999: '', iso4217: '', mediatype: '', packagetype: '' },
  ...{ importeridx: '', hasnondigit: '', couponcode: '', couponposoffer: '' },
};

function* dictionary(): Generator<[ai: string, flags: string, rest: string]> {
  for (const line of readFileSync(DICTIONARY, 'utf8').split('\n')) {
    const match = /^(\d{2,4})(?:-(\d{2,4}))?\s+([*?]*)\s+([^#]*)/.exec(line);
    if (match === null) continue;
    const [, from = '', to = from, flags = '', rest = ''] = match;
    for (let n = Number(from); n <= Number(to); n++) {
      yield [String(n).padStart(from.length, '0'), flags, rest.trim()];
    }
  }
}

const formatOf = (entry: AiEntry | undefined): string[] | undefined =>
  entry?.parts.map(({ charset, min, max, optional, checks }) =>
    [optional ? '?' : '', charset, min === max ? '' : '..', max, checks].join(''),
  );

function formatOfDictionary(rest: string): string[] {
  return rest.split(/\s+/).flatMap((token) => {
    const match = /^(\[?)([NXYZ])(\.\.)?(\d+)\]?((?:,\w+)*)$/.exec(token);
    if (match === null) return [];
    const [, bracket, charset = '', upTo = '', length = '', rules = ''] = match;
    const letters = rules.split(',').filter((rule) => rule !== '');
    for (const rule of letters) expect(LETTERS, token).toHaveProperty(rule);
    const checks = letters.map((rule) => LETTERS[rule]).join('');
    // A text of at most one character and a text of exactly one are the same.
    return [
      `${bracket === '' ? '' : '?'}${charset.toLowerCase()}${length === '1' ? '' : upTo}${length}${checks}`,
    ];
  });
}

describe.skipIf(!existsSync(DICTIONARY))('the GS1 syntax dictionary', () => {
  it('has the same AIs, formats, attributes and keys as our table', () => {
    const seen = new Set<string>();
    for (const [ai, flags, rest] of dictionary()) {
      seen.add(ai);
      const entry = AI_TABLE.get(ai);
      expect(formatOf(entry), ai).toEqual(formatOfDictionary(rest));
      expect(entry?.attribute, ai).toBe(flags.includes('?'));
      expect(hasPredefinedLength(ai), ai).toBe(flags.includes('*'));
      const key = /(?:^|\s)dlpkey(?:=(\S+))?/.exec(rest);
      const sequences = key?.[1]?.split('|').map((sequence) => sequence.split(','));
      expect(qualifierSequences(ai), ai).toEqual(key === null ? undefined : (sequences ?? [[]]));
    }
    expect(seen.size).toBeGreaterThan(500);
    expect([...AI_TABLE.keys()].filter((ai) => !seen.has(ai))).toEqual([]);
  });
});
