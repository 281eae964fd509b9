import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  bytesToHex,
  HIDDEN_CODE,
  inclusionProof,
  leafHash,
  parseDigitalLink,
  profileHash,
  unitLeaf,
  verifyInclusion,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { type BatchFile, readBatchFile, writeBatchFile } from './batch-file.ts';
import { linkOf, printOne, printSheets } from './print.ts';
import { commitmentsOf, makeUnits, rootOf } from './units.ts';

const folder = mkdtempSync(join(tmpdir(), 'suyuan-labels-'));
const file = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const random = (size: number) => new Uint8Array(randomBytes(size));
const hash = profileHash(nodeCrypto, 'guomi');
const LOT = { gtin: '06901234567892', lot: 'P/1' };

function batchFile(count: number, hidden: boolean): BatchFile {
  const units = makeUnits(count, hidden, random);
  return {
    v: 1,
    issuer: 'maker',
    server: 'http://localhost:8080',
    resolver: 'https://trace.example.cn',
    ...LOT,
    batch: 'L1',
    name: { zh: '新会陈皮', en: 'Xinhui chenpi' },
    unit: 'g',
    net: 250,
    hidden,
    root: bytesToHex(rootOf(hash, LOT, units.serials, commitmentsOf(hash, LOT, units))),
    idempotencyKey: '00'.repeat(16),
    ...units,
  };
}

describe('units', () => {
  test('each of 32 letters comes from 8 of 256 bytes, so that a serial holds 65 bits', () => {
    const counts = new Map<string, number>();
    for (let byte = 0; byte < 256; byte++) {
      const [serial = ''] = makeUnits(1, false, (size) => new Uint8Array(size).fill(byte)).serials;
      expect(serial).toHaveLength(13);
      counts.set(serial, (counts.get(serial) ?? 0) + 1);
    }
    expect(counts.size).toBe(32);
    expect(new Set(counts.values())).toEqual(new Set([8]));
    expect(13 * Math.log2(counts.size)).toBeGreaterThanOrEqual(64);
  });

  test('a serial that comes twice is made anew', () => {
    const bytes = [1, 1, 2];
    const { serials } = makeUnits(2, false, (size) =>
      new Uint8Array(size).fill(bytes.shift() ?? 9),
    );
    expect(serials).toEqual(['1'.repeat(13), '2'.repeat(13)]);
  });

  test('the root proves each serial with its code, and with no other', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.boolean(), fc.nat(), (count, hidden, at) => {
        const units = makeUnits(count, hidden, random);
        for (const code of units.codes ?? []) expect(code).toMatch(HIDDEN_CODE);
        const commitments = commitmentsOf(hash, LOT, units);
        const root = rootOf(hash, LOT, units.serials, commitments);
        const leaves = units.serials.map((serial, i) =>
          leafHash(hash, unitLeaf(LOT.gtin, LOT.lot, serial, commitments?.[i])),
        );
        const index = at % count;
        const claim = { index, size: count, proof: inclusionProof(hash, leaves, index), root };
        verifyInclusion(hash, { ...claim, leaf: leaves[index]! });
        const bare = leafHash(hash, unitLeaf(LOT.gtin, LOT.lot, units.serials[index]!));
        if (hidden) expect(() => verifyInclusion(hash, { ...claim, leaf: bare })).toThrow();
      }),
      { numRuns: 30 },
    );
  });
});

describe('the batch file', () => {
  test('is for its owner only, is never written over, and reads as it was written', async () => {
    const batch = batchFile(5, true);
    await writeBatchFile(file('batch.json'), batch);
    expect(statSync(file('batch.json')).mode & 0o777).toBe(0o600);
    expect(await readBatchFile(file('batch.json'))).toEqual(batch);
    await expect(writeBatchFile(file('batch.json'), batch)).rejects.toThrow(/never overwritten/);
    expect(readdirSync(folder)).toEqual(['batch.json']);
  });

  test.each<[string, (batch: BatchFile) => unknown]>([
    ['null', () => null],
    ['another version', (batch) => ({ ...batch, v: 2 })],
    ['no serials', (batch) => ({ ...batch, serials: [] })],
    ['a serial with a space', (batch) => ({ ...batch, serials: [...batch.serials.slice(1), ' '] })],
    ['a code less', (batch) => ({ ...batch, codes: batch.codes?.slice(1) })],
    ['codes where there are none', (batch) => ({ ...batch, hidden: false })],
    ['a short root', (batch) => ({ ...batch, root: 'ab' })],
    ['no name', (batch) => ({ ...batch, name: null })],
  ])('with %s is refused in one line', async (_name, change) => {
    writeFileSync(file('bad.json'), JSON.stringify(change(batchFile(3, true))));
    await expect(readBatchFile(file('bad.json'))).rejects.toThrow(/is not a batch file/);
    rmSync(file('bad.json'));
  });
});

describe('printing', () => {
  test('hidden codes go to a file of their own, for the owner only; without it nothing is written', async () => {
    const batch = batchFile(30, true);
    writeFileSync(file('hidden.json'), JSON.stringify(batch));
    const before = readdirSync(folder);
    const out = { layout: 'a4-3x8', out: file('sheet.pdf'), json: true } as const;
    await expect(printSheets(file('hidden.json'), out)).rejects.toThrow(/--codes/);
    expect(readdirSync(folder)).toEqual(before);
    await printSheets(file('hidden.json'), { ...out, codes: file('codes.pdf') });
    expect(statSync(file('codes.pdf')).mode & 0o777).toBe(0o600);
    expect(readFileSync(file('sheet.pdf')).subarray(0, 5).toString()).toBe('%PDF-');
    expect(readdirSync(folder).length).toBe(before.length + 2);
  });

  test('a range beyond the batch and a folder that is not there are refused', async () => {
    writeFileSync(file('plain.json'), JSON.stringify(batchFile(3, false)));
    const out = { layout: 'a4-3x8', out: file('none.pdf') };
    await expect(printSheets(file('plain.json'), { ...out, from: '3', to: '2' })).rejects.toThrow(
      /counted from 1 to 3/,
    );
    await expect(
      printSheets(file('plain.json'), { ...out, out: file('no/such.pdf') }),
    ).rejects.toThrow(/cannot write/);
    await expect(
      printSheets(file('plain.json'), { ...out, codes: file('codes.pdf') }),
    ).rejects.toThrow(/no hidden codes/);
  });

  test('one code is a picture of the link of that unit', async () => {
    const batch = batchFile(3, false);
    writeFileSync(file('one.json'), JSON.stringify(batch));
    const serial = batch.serials[1] ?? '';
    const { key, qualifiers } = parseDigitalLink(linkOf(batch, serial));
    expect([key, ...qualifiers].map(({ value }) => value)).toEqual([LOT.gtin, LOT.lot, serial]);
    expect(linkOf(batch, serial)).toMatch(/^https:\/\/trace\.example\.cn\/01\//);
    expect(linkOf(batch, serial, 'http://10.0.0.2:8080')).toMatch(
      /^http:\/\/10\.0\.0\.2:8080\/01\//,
    );
    await printOne(file('one.json'), { serial, format: 'svg', out: file('one.svg') });
    expect(readFileSync(file('one.svg'), 'utf8')).toMatch(/^<svg /);
    await expect(printOne(file('one.json'), { serial: 'X', format: 'svg' })).rejects.toThrow(
      /no serial X/,
    );
  });
});
