import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '../encoding/bytes.ts';
import { decodeCbor, encodeCbor } from '../encoding/cbor.ts';
import type { CborObject } from '../encoding/types.ts';
import { decodeHeader, encodeHeader } from '../ledger/header.ts';
import { type StateNode, statePath, stateValueHash } from '../merkle/state-node.ts';
import { proveState } from '../merkle/state-proof.ts';
import { updateStateTree } from '../merkle/state-tree.ts';
import { lotKey } from '../rules/lots/lot.ts';
import { bentBytes, codeOf } from '../testing/hostile.ts';
import { createTestChain } from '../testing/test-chain.ts';
import { encodeTraceHead, encodeTraceLot, type TraceDirection } from './trace-frames.ts';
import { createTraceVerifier, type TraceQuestion, verifyTrace } from './trace-proof.ts';

const GTIN = '06901234500004';
const chain = createTestChain();
const { hash } = chain;

/** A certified state of lots, by name and by the names of their inputs. */
function stateOf(shape: Readonly<Record<string, readonly string[]>>) {
  const values = new Map<string, Uint8Array>();
  for (const [name, inputs] of Object.entries(shape)) {
    const dependents = Object.values(shape).filter((list) => list.includes(name)).length;
    const lot: CborObject = {
      gtin: GTIN,
      lot: name,
      made: 100,
      inputs: inputs.map((input) => ({ gtin: GTIN, lot: input, amount: 7 })),
      dependents,
    };
    values.set(lotKey(GTIN, name), encodeCbor(lot));
  }
  const nodes = new Map<string, StateNode>();
  const update = updateStateTree(
    hash,
    () => undefined,
    [...values].map(([key, value]) => ({
      path: statePath(hash, key),
      valueHash: stateValueHash(hash, value),
    })),
  );
  for (const { position, node } of update.writes) {
    if (node !== null) nodes.set(position.join(), node);
  }
  const before = decodeHeader(chain.head.header);
  const header = encodeHeader({ ...before, height: before.height + 1, stateRoot: update.root });
  const certified = { header, certificate: chain.certify(header) };

  const frame = (name: string, change: (lot: CborObject) => CborObject = (lot) => lot) => {
    const key = lotKey(GTIN, name);
    const value = values.get(key) ?? new Uint8Array();
    return encodeTraceLot({
      value: encodeCbor(change(decodeCbor(value) as CborObject)),
      proof: proveState((position) => nodes.get(position.join()), statePath(hash, key)),
    });
  };
  const head = (direction: TraceDirection, seeds: readonly string[]) =>
    encodeTraceHead({
      ...certified,
      direction,
      seeds: seeds.map((lot) => ({ gtin: GTIN, lot })),
      genesis: chain.genesis,
      epochs: [],
    });
  return { head, frame };
}

const ask = (direction: TraceDirection, ...seeds: string[]): TraceQuestion => ({
  direction,
  seeds: seeds.map((lot) => ({ gtin: GTIN, lot })),
});

//   A ── C ── D ── F        X stands alone, E shares only B
//   B ──/ └── E2/   B ── E
const house = stateOf({
  A: [],
  B: [],
  X: [],
  C: ['A', 'B'],
  E: ['B'],
  D: ['C'],
  E2: ['C'],
  F: ['D', 'E2'],
});

const answer = (question: TraceQuestion, names: readonly string[]) =>
  concatBytes(
    house.head(
      question.direction,
      question.seeds.map(({ lot }) => lot),
    ),
    ...names.map((name) => house.frame(name)),
  );

const down = ask('down', 'A');
const DOWN = ['A', 'C', 'D', 'E2', 'F'];
const up = ask('up', 'F');
const UP = ['F', 'E2', 'D', 'C', 'B', 'A'];

function resultOf(question: TraceQuestion, names: readonly string[]): string | undefined {
  return codeOf(() => verifyTrace(answer(question, names), question, chain.chainId));
}

describe('a whole trace', () => {
  it('proves every descendant and what went into it from the trace', () => {
    const { proven, lots, height } = verifyTrace(answer(down, DOWN), down, chain.chainId);
    expect(proven.map(({ lot, relation, drawn }) => [lot.lot, relation, drawn])).toEqual([
      ['A', 'seed', 0],
      ['C', 'descendant', 7],
      ['D', 'descendant', 7],
      ['E2', 'descendant', 7],
      ['F', 'descendant', 14],
    ]);
    expect([lots, height]).toEqual([5, chain.height + 1]);
  });

  it('proves every ancestor, and both directions one after the other', () => {
    const { proven } = verifyTrace(answer(up, UP), up, chain.chainId);
    expect(proven.map(({ relation }) => relation)).toEqual(['seed', ...Array(5).fill('ancestor')]);
    const both = ask('both', 'C');
    expect(resultOf(both, ['C', 'B', 'A', 'C', 'D', 'E2', 'F'])).toBeUndefined();
    expect(resultOf(both, ['C', 'B', 'A'])).toBe('trace/incomplete');
    expect(resultOf(both, ['C', 'D', 'E2', 'F'])).toBe('trace/stray-lot');
  });

  it('takes several seeds, of which one may come from another', () => {
    expect(resultOf(ask('down', 'D', 'C'), ['C', 'D', 'E2', 'F'])).toBeUndefined();
    expect(resultOf(ask('up', 'D', 'C'), ['D', 'C', 'B', 'A'])).toBeUndefined();
    expect(resultOf(ask('down', 'D', 'X'), ['D', 'F'])).toBe('trace/incomplete');
  });

  it('is the same in any pieces', () => {
    const bytes = answer(down, DOWN);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
        const verifier = createTraceVerifier(down, chain.chainId);
        const ends = [...cuts.sort((a, b) => a - b), bytes.length];
        const lots = ends.flatMap((end, i) => verifier.push(bytes.subarray(ends[i - 1] ?? 0, end)));
        expect(lots.map(({ lot }) => lot.lot)).toEqual(DOWN);
        expect(verifier.end().lots).toBe(5);
      }),
      { numRuns: 20 },
    );
  });
});

describe('a trace that lies', () => {
  it.each(DOWN)('is refused when it hides %s', (hidden) => {
    const code = resultOf(
      down,
      DOWN.filter((name) => name !== hidden),
    );
    // Without the lot in between, what comes after it belongs to nothing.
    expect(['trace/incomplete', 'trace/stray-lot']).toContain(code);
  });

  it.each(UP)('is refused when it hides %s among the ancestors', (hidden) => {
    const code = resultOf(
      up,
      UP.filter((name) => name !== hidden),
    );
    expect(['trace/incomplete', 'trace/stray-lot']).toContain(code);
  });

  it('is refused when it hides a whole branch', () => {
    expect(resultOf(down, ['A', 'C'])).toBe('trace/incomplete');
    expect(resultOf(down, ['A'])).toBe('trace/incomplete');
    expect(resultOf(down, [])).toBe('trace/incomplete');
  });

  it('is refused when it adds a lot, be it a true one', () => {
    expect(resultOf(down, [...DOWN, 'X'])).toBe('trace/stray-lot');
    expect(resultOf(down, ['A', 'C', 'B', 'D', 'E2', 'F'])).toBe('trace/stray-lot');
    expect(resultOf(up, [...UP, 'E'])).toBe('trace/stray-lot');
    expect(resultOf(down, [...DOWN, 'F'])).toBe('trace/twice');
    expect(resultOf(up, [...UP, 'A'])).toBe('trace/twice');
  });

  it('is refused when it changes an amount, a count or an input', () => {
    const changes: ((lot: CborObject) => CborObject)[] = [
      (lot) => ({ ...lot, made: 101 }),
      (lot) => ({ ...lot, dependents: 0 }),
      (lot) => ({ ...lot, inputs: [] }),
      (lot) => ({ ...lot, inputs: [{ gtin: GTIN, lot: 'A', amount: 8 }] }),
      (lot) => ({ ...lot, lot: 'A' }),
    ];
    for (const change of changes) {
      const bytes = concatBytes(
        house.head('down', ['A']),
        house.frame('A'),
        house.frame('C', change),
        ...['D', 'E2', 'F'].map((name) => house.frame(name)),
      );
      expect(codeOf(() => verifyTrace(bytes, down, chain.chainId))).toBe('state-proof/wrong-leaf');
    }
  });

  it('is refused when the stream is cut, anywhere', () => {
    const bytes = answer(down, DOWN);
    for (let length = 0; length < bytes.length; length += 37) {
      const code = codeOf(() => verifyTrace(bytes.subarray(0, length), down, chain.chainId));
      expect(['trace/cut-off', 'trace/incomplete'], `${length} bytes`).toContain(code);
    }
  });

  it('is refused under another ledger, or when it answers another question', () => {
    const bytes = answer(down, DOWN);
    expect(codeOf(() => verifyTrace(bytes, down, new Uint8Array(32)))).toBe('ledger/other-genesis');
    expect(codeOf(() => verifyTrace(bytes, ask('up', 'A'), chain.chainId))).toBe(
      'trace/other-question',
    );
    expect(codeOf(() => verifyTrace(bytes, ask('down', 'B'), chain.chainId))).toBe(
      'trace/other-question',
    );
  });

  it('is refused when it mixes two states', () => {
    const later = stateOf({ A: [], C: ['A'] });
    const bytes = concatBytes(later.head('down', ['A']), later.frame('A'), house.frame('C'));
    expect(codeOf(() => verifyTrace(bytes, down, chain.chainId))).toMatch(/^state-proof\//);
  });
});

describe('hostile bytes', () => {
  it('never throw anything but a coded error, and never pass', () => {
    const bytes = answer(down, DOWN);
    fc.assert(
      fc.property(bentBytes(bytes), (bent) => {
        expect(codeOf(() => verifyTrace(bent, down, chain.chainId))).toBeDefined();
      }),
      { numRuns: 200 },
    );
  });

  it('are not waited for when a frame claims to be huge', () => {
    const verifier = createTraceVerifier(down, chain.chainId);
    const claim = Uint8Array.of(0xff, 0xff, 0xff, 0xff);
    expect(codeOf(() => verifier.push(claim))).toBe('trace/too-large');
    // What failed stays failed.
    expect(codeOf(() => verifier.push(answer(down, DOWN)))).toBe('trace/too-large');
    expect(codeOf(() => verifier.end())).toBe('trace/too-large');
  });

  it('of another version are told so', () => {
    const body = encodeCbor({ v: 9 });
    const bytes = concatBytes(Uint8Array.of(0, 0, 0, body.length), body);
    expect(codeOf(() => verifyTrace(bytes, down, chain.chainId))).toBe('trace/version');
  });
});
