import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hash } from '../crypto/types.ts';
import { isAppError } from '../errors.ts';
import {
  decodeStateNode,
  encodeStateNode,
  pathBit,
  type StateNode,
  stateInnerHash,
  stateLeafHash,
  statePath,
  statePosition,
  stateValueHash,
} from './state-node.ts';
import { proveState, type StateProof, verifyAbsence, verifyPresence } from './state-proof.ts';
import { type StateChange, type StateUpdate, updateStateTree } from './state-tree.ts';

const sha256: Hash = (data) => new Uint8Array(createHash('sha256').update(data).digest());
const KEY_TAG = 'suyuan/state-key/1\0';

/** SHA-256, but paths differ only in the bits of `mask`, so that random keys share long prefixes. */
function crowded(mask: Uint8Array): Hash {
  return (data) => {
    const digest = sha256(data);
    const isKey = Buffer.from(data.subarray(0, KEY_TAG.length)).toString('latin1') === KEY_TAG;
    return isKey ? digest.map((byte, i) => byte & mask[i]!) : digest;
  };
}
const maskOf = (bits: Record<number, number>): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, i) => bits[i] ?? 0);
const HASHES: [string, Hash][] = [
  ['sha256', sha256],
  ['paths of 9 bits spread over 256', crowded(maskOf({ 0: 0x41, 9: 0x18, 20: 0x81, 31: 0x07 }))],
  ['paths of 6 bits at the very end', crowded(maskOf({ 31: 0x3f }))],
];

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
/** An update as text: comparing long nested arrays of bytes is slow. */
const textOf = ({ root, writes }: StateUpdate): string =>
  [
    hex(root),
    ...writes.map((w) => `${hex(w.position)}=${w.node && hex(encodeStateNode(w.node))}`),
  ].join('\n');

/** A store of encoded nodes, as a key-value store would hold them. */
function createStore(hash: Hash) {
  const nodes = new Map<string, Uint8Array>();
  const read = (position: Uint8Array): StateNode | undefined => {
    const bytes = nodes.get(hex(position));
    return bytes === undefined ? undefined : decodeStateNode(bytes);
  };
  const update = (changes: StateChange[]): Uint8Array => {
    const { root, writes } = updateStateTree(hash, read, changes);
    const names = writes.map((w) => hex(w.position));
    if (new Set(names).size !== names.length) throw new Error('a position is written twice');
    writes.forEach(({ node }, i) => {
      if (node !== null) nodes.set(names[i]!, encodeStateNode(node));
      else if (!nodes.delete(names[i]!)) throw new Error('a node is removed that is not there');
    });
    return root;
  };
  const dump = (): string =>
    [...nodes]
      .map(([name, bytes]) => `${name}=${hex(bytes)}`)
      .sort()
      .join('\n');
  return { nodes, read, update, dump };
}

/** The root by the text of docs/formats.md §2, from the content alone. */
function naiveRoot(hash: Hash, leaves: { path: Uint8Array; valueHash: Uint8Array }[], depth = 0) {
  if (leaves.length === 0) return new Uint8Array(32);
  if (leaves.length === 1) return stateLeafHash(hash, leaves[0]!);
  const side = (bit: number): Uint8Array =>
    naiveRoot(
      hash,
      leaves.filter((l) => pathBit(l.path, depth) === bit),
      depth + 1,
    );
  return stateInnerHash(hash, side(0), side(1));
}

function contentRoot(hash: Hash, content: Map<string, number>): Uint8Array {
  const byPath = new Map<string, { path: Uint8Array; valueHash: Uint8Array }>();
  for (const [key, value] of content) {
    const path = statePath(hash, key);
    byPath.set(path.join(), { path, valueHash: stateValueHash(hash, Uint8Array.of(value)) });
  }
  return naiveRoot(hash, [...byPath.values()]);
}

/** Keys whose paths differ under `hash`. */
function distinctKeys(hash: Hash, count: number): string[] {
  const seen = new Map<string, string>();
  for (let i = 0; seen.size < count; i++) {
    const name = statePath(hash, `lots/${i}`).join();
    if (!seen.has(name)) seen.set(name, `lots/${i}`);
  }
  return [...seen.values()];
}

const change = (hash: Hash, key: string, value: number | null): StateChange => ({
  path: statePath(hash, key),
  valueHash: value === null ? null : stateValueHash(hash, Uint8Array.of(value)),
});
const codeOf = (check: () => void): string => {
  try {
    check();
  } catch (error) {
    if (isAppError(error)) return error.code;
    throw error;
  }
  return 'accepted';
};

const history = fc.array(
  fc.uniqueArray(fc.tuple(fc.nat({ max: 19 }), fc.option(fc.nat({ max: 3 }), { nil: null })), {
    selector: ([key]) => key,
    minLength: 1,
    maxLength: 12,
  }),
  { minLength: 1, maxLength: 8 },
);

describe.each(HASHES)('state tree with %s', (_name, hash) => {
  const keys = distinctKeys(hash, 20);

  it('has the root of its content after any history, and no node too many', () => {
    fc.assert(
      fc.property(history, fc.infiniteStream(fc.nat()), (batches, random) => {
        const content = new Map<string, number>();
        const store = createStore(hash);
        for (const batch of batches) {
          const changes = batch.map(([key, value]) => change(hash, keys[key]!, value));
          const shuffled = changes
            .map((c) => ({ c, at: random.next().value }))
            .sort((a, b) => a.at - b.at);
          const forward = updateStateTree(hash, store.read, changes);
          const other = updateStateTree(
            hash,
            store.read,
            shuffled.map(({ c }) => c),
          );
          expect(textOf(other)).toBe(textOf(forward));
          expect(store.update(changes)).toEqual(forward.root);
          for (const [key, value] of batch) {
            if (value === null) content.delete(keys[key]!);
            else content.set(keys[key]!, value);
          }
          expect(forward.root).toEqual(contentRoot(hash, content));
        }
        const fresh = createStore(hash);
        const all = [...content].map(([key, value]) => change(hash, key, value));
        expect(fresh.update(all)).toEqual(contentRoot(hash, content));
        expect(store.dump()).toBe(fresh.dump());
        expect(store.update([])).toEqual(contentRoot(hash, content));
        expect(updateStateTree(hash, store.read, all).writes).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('proves presence and absence, and no proof survives a change', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat({ max: 19 }), { maxLength: 16 }),
        fc.nat({ max: 19 }),
        fc.nat({ max: 255 }),
        fc.nat(),
        (present, asked, bit, at) => {
          const store = createStore(hash);
          const root = store.update(present.map((k) => change(hash, keys[k]!, k)));
          const key = keys[asked]!;
          const value = Uint8Array.of(asked);
          const proof = proveState(store.read, statePath(hash, key));
          const present_ = (p: StateProof, r = root) => verifyPresence(hash, r, key, value, p);
          const absent = (p: StateProof, r = root) => verifyAbsence(hash, r, key, p);
          const isPresent = present.includes(asked);
          const good = isPresent ? present_ : absent;
          expect(codeOf(() => good(proof))).toBe('accepted');
          expect(codeOf(() => (isPresent ? absent : present_)(proof))).toMatch(/^state-proof\//);
          if (isPresent) {
            expect(codeOf(() => verifyPresence(hash, root, key, Uint8Array.of(99), proof))).toBe(
              'state-proof/wrong-leaf',
            );
          }
          const flip = (bytes: Uint8Array): Uint8Array =>
            bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
          const { siblings, leaf } = proof;
          const n = siblings.length;
          const bad: StateProof[] = [
            { siblings: [...siblings, new Uint8Array(32)], leaf },
            { siblings: [new Uint8Array(32), ...siblings], leaf },
            { siblings: [...siblings, root], leaf },
            {
              siblings,
              leaf: leaf === null ? { path: statePath(hash, key), valueHash: root } : null,
            },
          ];
          if (n > 0) {
            bad.push({ siblings: siblings.map((s, i) => (i === at % n ? flip(s) : s)), leaf });
            bad.push({ siblings: siblings.filter((_, i) => i !== at % n), leaf });
            bad.push({ siblings: siblings.slice(0, -1), leaf: null });
          }
          if (leaf !== null) {
            bad.push({ siblings, leaf: { ...leaf, path: flip(leaf.path) } });
            bad.push({ siblings, leaf: { ...leaf, valueHash: flip(leaf.valueHash) } });
            bad.push({ siblings, leaf: { path: leaf.valueHash, valueHash: leaf.path } });
          }
          for (const p of bad) {
            expect(codeOf(() => present_(p))).toMatch(/^state-proof\//);
            expect(codeOf(() => absent(p))).toMatch(/^state-proof\//);
          }
          expect(codeOf(() => good(proof, flip(root)))).toMatch(/^state-proof\//);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('state tree', () => {
  it('is 32 zero bytes when empty and a leaf hash when single', () => {
    const store = createStore(sha256);
    expect(store.update([])).toEqual(new Uint8Array(32));
    expect(store.update([change(sha256, 'a', null)])).toEqual(new Uint8Array(32));
    const a = change(sha256, 'a', 1);
    const leaf = { path: a.path, valueHash: a.valueHash! };
    expect(store.update([a])).toEqual(stateLeafHash(sha256, leaf));
    expect(store.nodes.size).toBe(1);
    expect(store.update([change(sha256, 'a', null)])).toEqual(new Uint8Array(32));
    expect(store.nodes.size).toBe(0);
  });

  it('separates keys that differ in the last of 256 bits', () => {
    const store = createStore(sha256);
    const path = new Uint8Array(32);
    const twin = path.slice();
    twin[31] = 1;
    store.update([{ path, valueHash: path }]);
    store.update([{ path: twin, valueHash: path }]);
    expect(proveState(store.read, twin).siblings.length).toBe(256);
    expect(store.nodes.size).toBe(258);
    store.update([{ path, valueHash: null }]);
    expect(store.nodes.size).toBe(1);
  });

  it('keeps positions apart and sorted by depth, then path', () => {
    const ones = new Uint8Array(32).fill(0xff);
    const names = new Set<string>();
    let last = '';
    for (let depth = 0; depth <= 256; depth++) {
      for (const path of [new Uint8Array(32), ones]) {
        const name = Buffer.from(statePosition(path, depth)).toString('hex');
        if (depth > 0) expect(name > last).toBe(true);
        last = name;
        names.add(name);
      }
    }
    expect(names.size).toBe(1 + 2 * 256);
  });

  it('names a damaged store and a careless batch', () => {
    const store = createStore(sha256);
    const changes = Array.from({ length: 40 }, (_, i) => change(sha256, `k${i}`, i));
    store.update(changes);
    const twice = [changes[0]!, { ...changes[0]!, valueHash: null }];
    expect(codeOf(() => updateStateTree(sha256, store.read, twice))).toBe(
      'state-tree/duplicate-change',
    );
    const top = (position: Uint8Array) =>
      position[1] === 0 && position.length === 2 ? store.read(position) : undefined;
    expect(codeOf(() => updateStateTree(sha256, top, [changes[3]!]))).toBe(
      'state-tree/missing-node',
    );
    expect(codeOf(() => proveState(top, changes[3]!.path))).toBe('state-tree/missing-node');
    expect(codeOf(() => decodeStateNode(new Uint8Array(65)))).toBe('state-tree/bad-node');
    expect(codeOf(() => decodeStateNode(Uint8Array.of(2)))).toBe('state-tree/bad-node');
  });

  it('refuses absence by a leaf that stands where it does not belong', () => {
    const key = 'recalls/7';
    const path = statePath(sha256, key);
    const stray = { path: path.map((byte) => byte ^ 0xff), valueHash: path };
    const empty = new Uint8Array(32);
    const hash = stateLeafHash(sha256, stray);
    const root =
      pathBit(path, 0) === 0
        ? stateInnerHash(sha256, hash, empty)
        : stateInnerHash(sha256, empty, hash);
    expect(codeOf(() => verifyAbsence(sha256, root, key, { siblings: [empty], leaf: stray }))).toBe(
      'state-proof/not-absent',
    );
  });

  it('answers malformed proofs with a coded error', () => {
    const zero = new Uint8Array(32);
    const refused = (proof: StateProof, root = zero): void => {
      expect(codeOf(() => verifyAbsence(sha256, root, 'k', proof))).toBe('state-proof/malformed');
    };
    refused({ siblings: Array(257).fill(zero), leaf: null });
    refused({ siblings: [new Uint8Array(31)], leaf: null });
    refused({ siblings: [], leaf: { path: new Uint8Array(1), valueHash: zero } });
    refused({ siblings: [], leaf: null }, new Uint8Array(0));
    expect(codeOf(() => verifyAbsence(sha256, zero, 'k', { siblings: [], leaf: null }))).toBe(
      'accepted',
    );
  });
});
