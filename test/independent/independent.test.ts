// The formats are told well enough when somebody who reads only docs/formats.md comes to the same results. Python 3 with its
// standard library is that somebody.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToHex, decodeBundle, encodeBundle, hexToBytes } from '../../contracts/src/index.ts';
import { outcomeOf } from '../../contracts/src/testing/example-files.ts';
import { bentBytes } from '../../contracts/src/testing/hostile.ts';
import { createSampleHouse, SAMPLE } from '../../contracts/src/testing/sample-bundle.ts';

const EXAMPLES = fileURLToPath(new URL('../../docs/examples/', import.meta.url));
const VERIFIER = fileURLToPath(new URL('verify_bundle.py', import.meta.url));
const TIMEOUT_MS = 50_000;

interface Case {
  readonly bytes: Uint8Array;
  readonly pinned: Uint8Array;
}

interface Outcome {
  readonly ok: boolean;
  readonly step?: string;
  readonly height?: number;
  readonly packs?: number;
  readonly readings?: number;
  readonly ageing?: readonly object[];
  readonly claims?: readonly string[];
  readonly facts?: readonly unknown[];
}

function independent(cases: readonly Case[]): Outcome[] {
  const input = cases.map((c) => `${bytesToHex(c.bytes)} ${bytesToHex(c.pinned)}\n`).join('');
  const run = spawnSync('python3', [VERIFIER, '-', '-'], {
    input,
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    maxBuffer: 16 * 1024 * 1024,
  });
  if (run.error !== undefined)
    throw new Error(`Install Python 3 so that python3 runs: ${run.error.message}`);
  if (run.status !== 0) throw new Error(`The independent verifier stopped: ${run.stderr}`);
  return run.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Outcome);
}

/** What both must say alike. */
function facts({ ok, step, height, packs, readings, ageing, claims, facts }: Outcome): Outcome {
  if (!ok) return { ok, step: step ?? '' };
  const told = { ageing: ageing ?? [], claims: claims ?? [], facts: facts ?? [] };
  return { ok, height: height ?? 0, packs: packs ?? 0, readings: readings ?? 0, ...told };
}

const now_ms = Number.MAX_SAFE_INTEGER;
const ours = (c: Case) => facts(outcomeOf({ ...c, name: '', about: '', now_ms }));

describe('the independent verifier', () => {
  const { bundles } = JSON.parse(readFileSync(join(EXAMPLES, 'examples.json'), 'utf8')) as {
    bundles: { file: string; pinned: string; expected: Outcome }[];
  };
  const read = (file: string) =>
    hexToBytes(readFileSync(join(EXAMPLES, file), 'utf8').replace(/\s/g, ''));

  it('has examples to judge', () => {
    expect(bundles.length).toBeGreaterThan(10);
  });

  it('says of every example what its table says', () => {
    const said = independent(
      bundles.map((b) => ({ bytes: read(b.file), pinned: hexToBytes(b.pinned) })),
    );
    bundles.forEach((b, i) => {
      expect({ file: b.file, ...facts(said[i] as Outcome) }).toEqual({
        file: b.file,
        ...facts(b.expected),
      });
    });
  });

  it('breaks bent bundles at the step at which ours does', () => {
    const good = bundles.filter((b) => /^good-(unit|epochs|recalled)\./.test(b.file));
    expect(good).toHaveLength(3);
    // One process for many bundles: drawn first, judged together, reported with the seed.
    const seed = fc.sample(fc.integer(), 1)[0] ?? 0;
    const cases = good.flatMap((b) =>
      fc
        .sample(bentBytes(read(b.file)), { numRuns: 60, seed })
        .map((bytes) => ({ bytes, pinned: hexToBytes(b.pinned) })),
    );
    const said = independent(cases);
    cases.forEach((c, i) => {
      expect({ seed, i, ...facts(said[i] as Outcome) }).toEqual({ seed, i, ...ours(c) });
    });
  });

  it('walks the same epochs, and stumbles over the same ones', () => {
    const example = bundles.find((b) => b.file === 'good-epochs.hex');
    const good = decodeBundle(read('good-epochs.hex'));
    const [first, second] = good.epochs;
    if (example === undefined || first === undefined || second === undefined) {
      throw new Error('The example with epochs has two of them.');
    }
    const nobody = { ...first, certificate: second.certificate };
    const ways = [
      [first, second],
      [],
      [first],
      [second],
      [second, first],
      [first, first, second],
      [first, second, second],
      [nobody, second],
      [{ ...first, next: second.next }, second],
      [{ ...first, next: first.next.slice(1) }, second],
      [{ ...first, next: [...first.next].reverse() }, second],
      [{ ...good.head, next: second.next }],
    ];
    const cases = ways.map((epochs) => ({
      bytes: encodeBundle({ ...good, epochs }),
      pinned: hexToBytes(example.pinned),
    }));
    const said = independent(cases);
    expect(said.filter(({ ok }) => ok)).toHaveLength(1);
    cases.forEach((c, i) => {
      expect({ i, ...facts(said[i] as Outcome) }).toEqual({ i, ...ours(c) });
    });
  });

  it('finds the same coverage in stays with any gaps', () => {
    const seed = fc.sample(fc.integer(), 1)[0] ?? 0;
    const drawn = fc.sample(
      fc.record({
        days: fc.integer({ min: 1, max: 3 }),
        silentHours: fc.uniqueArray(fc.nat(71), { minLength: 50, maxLength: 70 }),
      }),
      { numRuns: 6, seed },
    );
    const cases = drawn.map((options) => {
      const house = createSampleHouse(options);
      return {
        bytes: encodeBundle(house.bundle(SAMPLE.serial)),
        pinned: house.chain.chainId,
      };
    });
    const said = independent(cases);
    cases.forEach((c, i) => {
      const own = ours(c);
      expect(own.ok).toBe(true);
      expect({ seed, i, ...facts(said[i] as Outcome) }).toEqual({ seed, i, ...own });
    });
  });
});
