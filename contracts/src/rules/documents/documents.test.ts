// Nobody buries what belongs to another under papers (docs/formats.md §5, *document*).

import { describe, expect, it } from 'vitest';
import type { CborObject } from '../../encoding/types.ts';
import type { RuleBench } from '../../testing/rule-bench.ts';
import { createTrade, FRUIT, MELON, MILL, PLOT_1, TEA } from '../../testing/trade.ts';
import { lotKey } from '../lots/lot.ts';
import { getDocumentList } from './document.ts';

const TEA_LOT = lotKey(TEA, 'T');
let files = 0;

function withTea(): RuleBench {
  const bench = createTrade();
  bench.must('grower-1', 'lots.harvest', { gtin: TEA, lot: 'T', place: PLOT_1, amount: 1000 });
  for (const lab of ['lab-1', 'lab-2', 'lab-3']) bench.addAccount(lab, ['laboratory']);
  return bench;
}

function register(bench: RuleBench, by: string, subject: string, change: CborObject = {}) {
  files += 1;
  const hash = new Uint8Array(32);
  new DataView(hash.buffer).setUint32(0, files);
  const code = bench.run(by, 'documents.register', {
    hash,
    kind: 'photo',
    mime: 'image/png',
    size_bytes: 1,
    title: 'photo',
    issuedAt: bench.time_ms,
    validFrom: bench.time_ms,
    subjects: [subject],
    ...change,
  });
  return { code, hash };
}

const NOT = 'documents/not-concerned';

describe('a paper', () => {
  it.each([
    [TEA_LOT, 'grower-1', ''],
    [TEA_LOT, 'mill-2', NOT],
    [TEA_LOT, 'association', ''],
    [TEA_LOT, 'auditor', ''],
    [lotKey(TEA, 'not made yet'), 'mill-2', NOT],
    [`places/${MILL}`, 'mill-1', ''],
    [`places/${MILL}`, 'mill-2', NOT],
    [`products/${FRUIT}`, 'mill-2', NOT],
    [`products/${MELON}`, 'mill-2', ''],
    ['accounts/mill-1', 'mill-1', ''],
    ['accounts/mill-1', 'mill-2', NOT],
    ['devices/UNKNOWN', 'mill-2', NOT],
  ])('about %s by %s: %s', (subject, by, code) => {
    const bench = withTea();
    bench.must('association', 'products.set-makers', { gtin: MELON, makers: ['mill-2'] });
    expect(register(bench, by, subject).code).toBe(code);
    expect(register(bench, by, subject, { kind: 'invoice' }).code).toBe(code);
  });
});

describe('the documents about a subject', () => {
  it('are never filled by others: they have half of the room, and each a quarter', () => {
    const bench = withTea();
    const fill = (by: string) => {
      let done = 0;
      while (register(bench, by, TEA_LOT).code === '') done += 1;
      return done;
    };
    expect(['lab-1', 'lab-2', 'lab-3'].map(fill)).toEqual([16, 16, 0]);
    expect(register(bench, 'lab-3', TEA_LOT).code).toBe('documents/too-many');
    expect(['grower-1', 'regulator'].map(fill)).toEqual([16, 16]);
    expect(register(bench, 'association', TEA_LOT).code).toBe('documents/too-many');
    expect(getDocumentList(bench.state, TEA_LOT)).toHaveLength(64);
  });

  it('get room again when one is revoked, which stays in sight until the room is needed', () => {
    const bench = withTea();
    const first = register(bench, 'grower-1', TEA_LOT).hash;
    for (let n = 1; n < 16; n += 1) register(bench, 'grower-1', TEA_LOT);
    expect(register(bench, 'grower-1', TEA_LOT).code).toBe('documents/too-many');
    bench.must('grower-1', 'documents.revoke', { hash: first, reason: 'blurred' });
    expect(register(bench, 'grower-1', TEA_LOT).code).toBe('');
    expect(getDocumentList(bench.state, TEA_LOT)).toContainEqual(first);
    for (const by of ['lab-1', 'lab-2', 'regulator']) {
      for (let n = 0; n < 16; n += 1) expect(register(bench, by, TEA_LOT).code).toBe('');
    }
    expect(getDocumentList(bench.state, TEA_LOT)).toHaveLength(64);
    expect(getDocumentList(bench.state, TEA_LOT)).not.toContainEqual(first);
  });
});
