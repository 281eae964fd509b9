// What each GS1 Application Identifier may hold, and what a Digital Link does with it (GS1 General Specifications §3;
// GS1 Digital Link URI Syntax §4). Written tersely because it goes into the scan page.
//
// A line is AIs and a format. `310-316_5` is 310 to 316, each with a last digit from 0 to 5. A format is a row of parts:
// n digits, x character set 82, y character set 39, z base64url; a length, or `..` and the longest; in brackets if it
// may be missing; then letters for what the part must be (see `PART_CHECKS` in ai-value.ts). A `!` in front: may stand
// in the path of a link only, or not in a link at all.
const TABLE = `
00 n18k
01-02 n14k
03 !n14k
10 x..20
11-13,15-17 n6d
20 n2
21-22 !x..20
235 !x..28
240-241,250-251 x..30
242 n..6
243 x..20
253 n13k[x..17]
254 !x..20
255 n13k[n..12]
30,37 n..8
310-316_5,320-337_5,340-357_5,360-369_5,395_5 n6
390_9,392_9 n..15
391_9,393_9 n3n..15
394_3 n4
400,403 x..30
401 x..30
402 n17k
410-417 n13k
420 x..20
421 n3x..9
422,424,426 n3
423,425 n3[n3][n3][n3][n3]
427 x..3
4300-4301,4310-4311,4320 x..35e
4302-4306,4312-4316 x..70e
4307,4317 x2A
4308,4319 x..30
4309 n10an10o
4318 x..20
4321-4323 n1b
4324-4325 n6dn4t
4326 n6D
4330-4333 n6[x1-]
7001 n13
7002,7023 x..30
7003 n6Dn4t
7004 n..4
7005 x..12
7006 n6D
7007 n6D[n6D]
7008 x..3
7009 x..10
7010 x..2
7011 n6D[n4t]
7020-7022 x..20
7030-7039 n3x..27
7040 !n1x1x1x1
7041 !x..4
710-717 x..20
7230-7239 x2x..28
7240 x..20
7241 n2
7242 x..25
7250 n8Y
7251 n8Yn4t
7252 n1s
7253-7254,7259 x..40e
7255 x..10
7256 x..90e
7257 x..70e
7258 x3/
8001 n4pn5pn3pn1wn1
8002 x..20
8003 n1Zn13k[x..16]
8004 x..30
8005 n6
8006 n14kn4q
8007 x..34i
8008 n6Dn2h[n2m][n2m]
8009 x..50
8010 y..30
8011 !n..12l
8012 x..20
8013 x..25g
8014 !x..25g
8017-8018 n18k
8019 !n..10
8020 !x..25
8026 n14kn4q
8030 z..90
8040-8041 !n15
8042 !n32
8043 !n18[n..2]
8110,8112 x..70
8111 n4
8200 !x..70
90 x..30
91-99 x..90
`;

/** Keys that may start the path of a link, each with its qualifiers in their order; `|` parts alternatives. */
const KEYS: Readonly<Record<string, string>> = {
  '00': '',
  '01': '22,10,21|235',
  '253': '',
  '255': '',
  '401': '',
  '402': '',
  '414': '254|7040',
  '415': '8020',
  '417': '7040',
  '8003': '',
  '8004': '7040',
  '8006': '22,10,21',
  '8010': '8011',
  '8013': '',
  '8017': '8019',
  '8018': '8019',
};

export interface AiPart {
  readonly charset: 'n' | 'x' | 'y' | 'z';
  readonly min: number;
  readonly max: number;
  readonly optional: boolean;
  readonly checks: string;
}

export interface AiEntry {
  readonly parts: readonly AiPart[];
  /** May stand in the query of a Digital Link. */
  readonly attribute: boolean;
}

const PART = /(\[?)([nxyz])(\.\.)?(\d+)([^\d[\]nxyz]*)\]?/g;

function formatToEntry(format: string): AiEntry {
  const parts = [...format.matchAll(PART)].map(
    ([, bracket, charset, upTo, length, checks]): AiPart => ({
      charset: charset as AiPart['charset'],
      min: upTo === undefined ? Number(length) : 1,
      max: Number(length),
      optional: bracket !== '',
      checks: checks ?? '',
    }),
  );
  return { parts, attribute: !format.startsWith('!') };
}

function* aisOf(range: string): Generator<string> {
  const [prefixes = '', lastDigit] = range.split('_');
  const [from = '', to = from] = prefixes.split('-');
  for (let n = Number(from); n <= Number(to); n++) {
    const ai = String(n).padStart(from.length, '0');
    if (lastDigit === undefined) yield ai;
    else for (let digit = 0; digit <= Number(lastDigit); digit++) yield `${ai}${digit}`;
  }
}

function readTable(): ReadonlyMap<string, AiEntry> {
  const entries = new Map<string, AiEntry>();
  for (const line of TABLE.trim().split('\n')) {
    const [ais = '', format = ''] = line.split(' ');
    const entry = formatToEntry(format);
    for (const range of ais.split(',')) for (const ai of aisOf(range)) entries.set(ai, entry);
  }
  return entries;
}

/** All Application Identifiers. */
export const AI_TABLE: ReadonlyMap<string, AiEntry> = readTable();

const SEQUENCES: ReadonlyMap<string, readonly (readonly string[])[]> = new Map(
  Object.entries(KEYS).map(([ai, qualifiers]) => [
    ai,
    qualifiers.split('|').map((sequence) => (sequence === '' ? [] : sequence.split(','))),
  ]),
);

/** The qualifier sequences of a key, or undefined when the AI is no key of a Digital Link. */
export function qualifierSequences(ai: string): readonly (readonly string[])[] | undefined {
  return SEQUENCES.get(ai);
}

/** True if the AI has a predefined length, so that an element string needs no FNC1 after it (GenSpecs §7.8.5). */
export function hasPredefinedLength(ai: string): boolean {
  return /^(0[0-4]|1[1-9]|20|3[1-6]|41)/.test(ai);
}
