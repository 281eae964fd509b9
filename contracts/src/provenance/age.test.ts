import { expect, it } from 'vitest';
import type { CborValue } from '../encoding/types.ts';
import { documentKey } from '../rules/documents/document.ts';
import { ageClaim } from './trade-claims.ts';
import type { Verified } from './verified.ts';

const hashOf = (n: number) => new Uint8Array(32).fill(n);

interface Audit {
  readonly issuer: string;
  readonly status?: 'valid' | 'revoked';
  readonly validFrom?: number;
  readonly validUntil?: number;
}

/** The age of a lot out of openings, the n-th of them at time 100 · n, with these audits; undefined: not shown. */
function ageOf(...audits: (Audit | undefined)[]) {
  const values: Record<string, CborValue> = {};
  const openings = audits.map((audit, n) => {
    if (audit !== undefined)
      values[documentKey(hashOf(n))] = { status: 'valid', validFrom: 0, ...audit };
    return { gtin: '1', lot: `O${n}`, inputs: [], born: n, since: 100 * n, document: hashOf(n) };
  });
  const mix = { gtin: '1', lot: 'MIX', inputs: [{}], born: 7, since: 5_000 };
  const state = { get: (key: string) => values[key], shows: (key: string) => key in values };
  const lineage = { lots: [...openings, mix], stays: [], truncated: false };
  const shown = { state, lineage, head: { time_ms: 10_000 } } as unknown as Verified;
  const [claim] = ageClaim(shown);
  if (claim?.kind !== 'age') throw new Error('no claim of age');
  return [claim.grade, claim.by?.id, claim.auditors.map(({ id }) => id)];
}

const honest = { issuer: 'honest' };

it('needs no auditor where nothing is older than the ledger', () => {
  expect(ageOf()).toEqual(['proven', undefined, []]);
});

it('names every auditor once', () => {
  expect(ageOf(honest, { issuer: 'other' }, honest)).toEqual([
    'attested',
    'honest',
    ['honest', 'other'],
  ]);
});

it.each([
  ['revoked', { issuer: 'crook', status: 'revoked' }, ['honest', 'crook']],
  ['expired before the lot was opened', { issuer: 'crook', validUntil: 100 }, ['honest', 'crook']],
  ['not yet valid then', { issuer: 'crook', validFrom: 101 }, ['honest', 'crook']],
  ['hidden', undefined, ['honest']],
] as const)('is unknown where any of the audits is %s', (_, audit, auditors) => {
  expect(ageOf(honest, audit)).toEqual(['unknown', undefined, auditors]);
});

it('rests on an audit that held when the lot was opened, and has expired since', () => {
  expect(ageOf(honest, { issuer: 'late', validUntil: 101 })[0]).toBe('attested');
});
