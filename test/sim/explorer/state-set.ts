// Millions of triples of small numbers, each kept once in the order in which it was found, with the one it was found from.

export interface StateSet {
  /** Ascending. */
  add(a: number, b: number, c: number, parent: number): void;
  get(index: number): [number, number, number];
  parent(index: number): number;
  size(): number;
  isFull(): boolean;
}

export function createStateSet(max: number): StateSet {
  let bits = 10;
  while (1 << bits < max * 2) bits += 1;
  const mask = (1 << bits) - 1;
  const table = new Int32Array(1 << bits);
  const [first, second, third] = [new Int32Array(max), new Int32Array(max), new Int32Array(max)];
  const parents = new Int32Array(max);
  let size = 0;

  return {
    add(a, b, c, parent) {
      let at = (Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35)) | 0;
      at = (at ^ (at >>> 15)) & mask;
      for (let entry = table[at]!; entry !== 0; entry = table[at]!) {
        const i = entry - 1;
        if (first[i] === a && second[i] === b && third[i] === c) return;
        at = (at + 1) & mask;
      }
      if (size >= max) return;
      first[size] = a;
      second[size] = b;
      third[size] = c;
      parents[size] = parent;
      size += 1;
      table[at] = size;
    },
    get: (i) => [first[i]!, second[i]!, third[i]!],
    parent: (i) => parents[i]!,
    size: () => size,
    isFull: () => size >= max,
  };
}
