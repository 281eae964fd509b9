import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Claim, Verdict } from '@suyuan/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { timeZone } from '../sheets/cell-values.ts';
import { Collect } from '../testing/collect.ts';
import { rasterise, readCodes, wordsOf } from '../testing/raster.ts';
import { MAKER, PLANT, TRACE } from '../testing/sample-trace.ts';
import { claimLines, decimalText, durationText } from './claim-lines.ts';
import { type EvidenceInput, writeEvidencePdf } from './write-evidence.ts';

const LINK = 'https://id.example.cn/01/06901234500011/10/P-1/21/0001';
const DAY_MS = 86_400_000;
const evidence = [{ kind: 'state', ref: 'lots/06901234500011/P-1' }] as const;
const party = { id: MAKER.id, name: MAKER.name, roles: ['processor'] };

const CLAIMS: Claim[] = [
  { kind: 'origin', grade: 'attested', by: party, evidence, places: [PLANT] } as unknown as Claim,
  {
    kind: 'ageing',
    grade: 'proven',
    evidence,
    place: PLANT,
    from_ms: 0,
    to_ms: 400 * DAY_MS,
    covered_ms: 399 * DAY_MS + 3_600_000,
    proven_ms: 2 * DAY_MS,
    gaps: 2,
    gap_ms: 82_800_000,
    late: 0,
    claimed_months: 60,
  },
  { kind: 'process-note', grade: 'self-declared', evidence: [], note: '日晒七天 🍊' },
];

const VERDICT = {
  subject: { gtin: '06901234500011', lot: 'P-1', serial: '0001' },
  product: {
    name: { zh: '新会陈皮', en: 'Xinhui chenpi' },
    regime: 'gi',
    category: 'food',
    unit: 'g',
    mark: null,
  },
  chain: {
    name: 'xinhui',
    genesis: `${'c0ffee'.repeat(10)}beef`,
    profile: 'guomi',
    height: 4711,
    time_ms: Date.UTC(2025, 11, 31, 16),
    validators: 4,
    signers: ['association', 'bureau', 'lab'],
  },
  claims: CLAIMS,
  timeline: [],
  series: [],
  age: [],
  counts: { signatures: 812, hashes: 9001, packs: 44, readings: 176 },
} as unknown as Verdict;

const INPUT: EvidenceInput = {
  link: LINK,
  verdict: VERDICT,
  created_ms: Date.UTC(2026, 0, 1),
  zone: { name: 'Asia/Shanghai', offset: timeZone('Asia/Shanghai') },
  lineage: TRACE,
  documents: [
    {
      hash: 'ab'.repeat(32),
      kind: '合格证',
      title: '承诺达标合格证第七号',
      issuer: MAKER.name,
      issuedAt_ms: Date.UTC(2025, 11, 1),
      standing: '有效 valid',
    },
  ],
  files: [{ name: 'bundle.cbor', size_bytes: 12345, sha256: 'cd'.repeat(32) }],
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'suyuan-evidence-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the readable part of an evidence file', () => {
  it('says everything in both languages, with the code of the product', async () => {
    const path = join(folder, 'evidence.pdf');
    await writeEvidencePdf(createWriteStream(path), INPUT);
    expect(await readCodes(rasterise(path, 1, 150))).toEqual([LINK]);
    const text = wordsOf(path)
      .map((word) => word.text)
      .join('');
    for (const part of [
      VERDICT.chain.genesis,
      '4711',
      '2026-01-0100:00', // the block's time, in Shanghai
      '新会陈皮',
      'Xinhuichenpi',
      '有担保Vouchedfor—新会甲厂XinhuiMakerA(maker-a)',
      '399天d1时h',
      '日晒七天[U+1F34A]',
      'lots/06901234500011/P-1',
      '(01)06901234500004(10)F-2', // in a cell that wraps
      '99800g',
      '承诺达标合格证第七号',
      'bundle.cbor',
      'Howtoverify',
      '传感器证明的是仓库环境',
    ]) {
      expect(text.includes(part) || wrapped(text, part), part).toBe(true);
    }
  });

  it('goes over as many pages as it takes, all text within them', async () => {
    const path = join(folder, 'long.pdf');
    const lineage = Array.from({ length: 300 }, (_, i) => ({ ...TRACE[1]!, lot: `L-${i}` }));
    const note = { ...CLAIMS[2]!, note: `${'很长的工艺说明'.repeat(600)}完` } as Claim;
    await writeEvidencePdf(createWriteStream(path), {
      ...INPUT,
      lineage,
      verdict: { ...VERDICT, claims: [note] },
    });
    const seen = new Set<string>();
    let printed = '';
    for (const { text, xMin, xMax, yMax } of wordsOf(path)) {
      for (const [code] of text.matchAll(/L-\d+/g)) seen.add(code);
      printed += text;
      expect(xMin).toBeGreaterThanOrEqual(49);
      expect(xMax).toBeLessThanOrEqual(546.5);
      expect(yMax).toBeLessThanOrEqual(815);
    }
    expect(printed).toContain('完');
    expect(printed.split('很').length - 1).toBe(600);
    expect(seen.size).toBe(300);
  });

  it('has a limit', async () => {
    const documents = Array<EvidenceInput['documents'][number]>(20_001).fill(INPUT.documents[0]!);
    await expect(writeEvidencePdf(new Collect(), { ...INPUT, documents })).rejects.toMatchObject({
      code: 'print/too-much-evidence',
    });
  });
});

/** Cells wrap, and words of other cells then stand between: look for all the pieces in their order. */
function wrapped(text: string, part: string): boolean {
  let at = 0;
  for (const piece of part.match(/.{1,6}/gu) ?? []) {
    at = text.indexOf(piece, at);
    if (at < 0) return false;
  }
  return true;
}

describe('a claim in words', () => {
  const time = (time_ms: number) => new Date(time_ms).toISOString();

  it('has its measured values in their unit and its amounts in the product unit', () => {
    const climate = {
      kind: 'climate',
      grade: 'proven',
      evidence: [],
      quantity: 'temperature',
      min: -500,
      max: 28_250,
      mean: 20_000,
      count: 3,
      from_ms: 0,
      to_ms: 1,
    };
    expect(claimLines(climate as unknown as Claim, time)).toEqual([
      '测量项 Quantity: temperature',
      '最低 Least: -0.5 °C',
      '最高 Greatest: 28.25 °C',
      '平均 Mean: 20 °C',
      '总数 Count: 3',
      '自 From: 1970-01-01T00:00:00.000Z',
      '至 To: 1970-01-01T00:00:00.001Z',
    ]);
    const mass = {
      kind: 'mass',
      grade: 'proven',
      evidence: [],
      unit: 'count',
      made: 12,
      inputs: [{ product: { zh: '柑', en: 'fruit' }, unit: 'g', amount: 7 }],
    };
    expect(claimLines(mass as unknown as Claim, time)).toEqual([
      '产出 Made: 12 件 pcs',
      '投入 Inputs: 产品 Product 柑 fruit, amount 7 g',
    ]);
  });

  it('leaves out nothing that a later version adds, and ends on nonsense', () => {
    const loop: Record<string, unknown> = {
      kind: 'new',
      grade: 'unknown',
      evidence: [],
      flag: true,
      none: null,
    };
    loop.self = loop;
    expect(claimLines(loop as unknown as Claim, time)).toEqual([
      'flag: 是 yes',
      'none: —',
      expect.stringMatching(/^self: .*…/),
    ]);
  });

  it('has exact durations and decimals', () => {
    expect(durationText(90_061_000)).toBe('1 天 d 1 时 h 1 分 min');
    expect(durationText(0)).toBe('0 分 min');
    expect([decimalText(5, 3), decimalText(-12_300, 3), decimalText(0, 3)]).toEqual([
      '0.005',
      '-12.3',
      '0',
    ]);
  });
});
