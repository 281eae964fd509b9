// A set of lot numbers: a bitmap whose pages of 4 KiB come into being where something is set. It is read in order while it
// grows ahead of the reader, which makes it the queue of a sweep as well as its memory of what was met.

const PAGE_BITS = 32_768;
const PAGE_SHIFT = 15;
const WORDS = PAGE_BITS / 32;

export class PagedBits {
  readonly #pages: (Uint32Array | undefined)[] = [];
  /** One bit a word of `#pages`, so that wide gaps are stepped over 1024 numbers at a time. */
  readonly #used: (Uint32Array | undefined)[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** False when it was there. */
  add(number: number): boolean {
    const at = number >>> PAGE_SHIFT;
    const page = this.#pages[at] ?? this.#open(at);
    const word = (number >>> 5) & (WORDS - 1);
    const bit = 1 << (number & 31);
    const before = page[word]!;
    if ((before & bit) !== 0) return false;
    page[word] = before | bit;
    const used = this.#used[at]!;
    used[word >>> 5] = used[word >>> 5]! | (1 << (word & 31));
    this.#count++;
    return true;
  }

  #open(at: number): Uint32Array {
    while (this.#pages.length <= at) {
      this.#pages.push(undefined);
      this.#used.push(undefined);
    }
    const page = new Uint32Array(WORDS);
    this.#pages[at] = page;
    this.#used[at] = new Uint32Array(WORDS / 32);
    return page;
  }

  has(number: number): boolean {
    const page = this.#pages[number >>> PAGE_SHIFT];
    if (page === undefined) return false;
    return (page[(number >>> 5) & (WORDS - 1)]! & (1 << (number & 31))) !== 0;
  }

  /** The least member from `number` on, or −1. */
  next(number: number): number {
    const first = number >>> PAGE_SHIFT;
    for (let at = first; at < this.#pages.length; at++) {
      const page = this.#pages[at];
      if (page === undefined) continue;
      const found = nextInPage(page, this.#used[at]!, at === first ? number & (PAGE_BITS - 1) : 0);
      if (found >= 0) return at * PAGE_BITS + found;
    }
    return -1;
  }

  /** The greatest member up to `number`, or −1. */
  previous(number: number): number {
    const top = Math.min(number >>> PAGE_SHIFT, this.#pages.length - 1);
    for (let at = top; at >= 0; at--) {
      const page = this.#pages[at];
      if (page === undefined) continue;
      const from = at === number >>> PAGE_SHIFT ? number & (PAGE_BITS - 1) : PAGE_BITS - 1;
      const found = previousInPage(page, this.#used[at]!, from);
      if (found >= 0) return at * PAGE_BITS + found;
    }
    return -1;
  }
}

function nextInPage(page: Uint32Array, used: Uint32Array, from: number): number {
  const word = from >>> 5;
  const rest = page[word]! & (-1 << (from & 31));
  if (rest !== 0) return word * 32 + lowest(rest);
  const start = word + 1;
  for (let at = start >>> 5; at < used.length; at++) {
    const mask = at === start >>> 5 ? -1 << (start & 31) : -1;
    const words = used[at]! & mask;
    if (words === 0) continue;
    const found = at * 32 + lowest(words);
    return found * 32 + lowest(page[found]!);
  }
  return -1;
}

function previousInPage(page: Uint32Array, used: Uint32Array, from: number): number {
  const word = from >>> 5;
  const rest = page[word]! & (-1 >>> (31 - (from & 31)));
  if (rest !== 0) return word * 32 + highest(rest);
  const start = word - 1;
  if (start < 0) return -1;
  for (let at = start >>> 5; at >= 0; at--) {
    const mask = at === start >>> 5 ? -1 >>> (31 - (start & 31)) : -1;
    const words = used[at]! & mask;
    if (words === 0) continue;
    const found = at * 32 + highest(words);
    return found * 32 + highest(page[found]!);
  }
  return -1;
}

function lowest(word: number): number {
  return 31 - Math.clz32(word & -word);
}

function highest(word: number): number {
  return 31 - Math.clz32(word);
}
