// Every statement that any key signs, judged when it is signed and by this file's own arithmetic, not the code under test's.

import { asArray, decodeCbor, equalBytes } from '@suyuan/contracts';
import { Violation } from './violation.ts';

/** Who votes in an epoch: public keys as hex, in the order of the set. */
export type EpochKeys = readonly string[];

export interface VoteLedger {
  /** Told of every message that is signed. Throws Violation. */
  signed(key: string, message: Uint8Array): void;
  /** What is signed in here is for another chain. */
  elsewhere<T>(act: () => T): T;
  /** The key is an attacker's from now on: what it signs binds nobody. */
  corrupt(key: string): void;
  begin(epoch: number, keys: EpochKeys): void;
  /** A candidate as it was seen on the network: which block stands upon which. */
  candidate(block: string, previous: string): void;
  finals(): number;
  readonly count: number;
}

interface Said {
  notar?: string;
  final?: string;
  skip?: true;
  proposed?: string;
}

interface Slot {
  readonly of: Map<string, Said>;
  readonly notars: Map<string, Set<string>>;
  readonly finals: Map<string, Set<string>>;
  readonly skips: Set<string>;
  /** Block and the slot of its parent, of every proposal the slot's leader signed. */
  readonly proposals: { readonly block: string; readonly parentSlot: number }[];
}

const FINAL = 'suyuan/final/1';
const NOTAR = 'suyuan/notar/1';
const SKIP = 'suyuan/skip/1';
const PROPOSAL = 'suyuan/proposal/1';
const EARLY_MAX = 1000;
const DOMAINS = [FINAL, NOTAR, SKIP, PROPOSAL].map((text) => ({
  text,
  // A short text in CBOR: its length in the head, then its bytes.
  head: Buffer.concat([Buffer.from([0x60 + text.length]), Buffer.from(text)]),
}));

/** More than two thirds of n, so that two quorums share an honest one. Not taken from the code under test. */
export function quorumOf(n: number): number {
  let needed = 1;
  while (3 * needed <= 2 * n) needed += 1;
  return needed;
}

export function createVoteLedger(chainId: Uint8Array): VoteLedger {
  const epochs = new Map<number, EpochKeys>();
  const slots = new Map<string, Slot>();
  const corrupted = new Set<string>();
  const previousOf = new Map<string, string>();
  let count = 0;
  let finals = 0;
  let elsewhere = false;

  function slotAt(epoch: number, slot: number): Slot {
    const at = `${epoch}/${slot}`;
    let found = slots.get(at);
    if (found === undefined) {
      found = {
        of: new Map(),
        notars: new Map(),
        finals: new Map(),
        skips: new Set(),
        proposals: [],
      };
      slots.set(at, found);
    }
    return found;
  }

  function hostileIn(epoch: number): number {
    return (epochs.get(epoch) ?? []).filter((key) => corrupted.has(key)).length;
  }

  /** Signers of the epoch's set: what others sign counts for nobody. */
  function members(epoch: number, signers: ReadonlySet<string> | undefined): string[] {
    const keys = epochs.get(epoch) ?? [];
    return keys.filter((key) => signers?.has(key) === true);
  }

  function isCertified(epoch: number, signers: ReadonlySet<string> | undefined): boolean {
    const keys = epochs.get(epoch);
    return keys !== undefined && members(epoch, signers).length >= quorumOf(keys.length);
  }

  /** Whether the attackers could still complete it with their own signatures. */
  function isCertifiable(epoch: number, signers: ReadonlySet<string> | undefined): boolean {
    const keys = epochs.get(epoch);
    if (keys === undefined) return false;
    const honest = members(epoch, signers).filter((key) => !corrupted.has(key)).length;
    return honest + hostileIn(epoch) >= quorumOf(keys.length);
  }

  function checkSlot(epoch: number, slot: number): void {
    const at = slotAt(epoch, slot);
    const notarized = [...at.notars].filter(([, signers]) => isCertifiable(epoch, signers));
    if (notarized.length > 1) {
      throw new Violation(
        'one-notarization',
        `two blocks can be notarized at slot ${slot} of epoch ${epoch}: ${notarized.map(([b]) => b.slice(0, 8)).join(', ')}`,
      );
    }
    const final = [...at.finals].find(([, signers]) => isCertifiable(epoch, signers));
    // With as many attackers as there may be they can complete anything that a single honest one began; what counts is both at once.
    if (final !== undefined && isCertifiable(epoch, at.skips)) {
      throw new Violation(
        'final-and-skip',
        `slot ${slot} of epoch ${epoch} can be final (${final[0].slice(0, 8)}) and skipped`,
      );
    }
  }

  function checkNotar(epoch: number, slot: number, block: string): void {
    const previous = previousOf.get(block);
    const reasons: string[] = [];
    for (const { block: proposed, parentSlot } of slotAt(epoch, slot).proposals) {
      if (proposed !== block) continue;
      const reason = reasonAgainst(epoch, slot, block, previous, parentSlot);
      if (reason === undefined) return;
      reasons.push(reason);
    }
    const why = reasons.length === 0 ? 'no leader proposed it' : reasons.join('; ');
    throw new Violation(
      'notar-needs-parent',
      `notar vote for ${block.slice(0, 8)} at slot ${slot} of epoch ${epoch}: ${why}`,
    );
  }

  function reasonAgainst(
    epoch: number,
    slot: number,
    block: string,
    previous: string | undefined,
    parentSlot: number,
  ): string | undefined {
    for (let between = parentSlot + 1; between < slot; between++) {
      if (!isCertified(epoch, slotAt(epoch, between).skips)) return `slot ${between} not skipped`;
    }
    if (parentSlot < 0) return undefined;
    const parent = slotAt(epoch, parentSlot);
    // A leader may vote before anyone has seen what his block stands upon.
    const bases = previous === undefined ? [...parent.notars.keys()] : [block, previous];
    if (bases.some((base) => isCertified(epoch, parent.notars.get(base)))) return undefined;
    return `no parent notarized at slot ${parentSlot}`;
  }

  function conflict(what: string, epoch: number, slot: number, key: string): never {
    throw new Violation(
      'honest-signs-once',
      `honest key ${key.slice(0, 8)} signs ${what} at slot ${slot} of epoch ${epoch}`,
    );
  }

  function add(map: Map<string, Set<string>>, block: string, key: string): Set<string> {
    const found = map.get(block);
    if (found !== undefined) return found.add(key);
    const made = new Set([key]);
    map.set(block, made);
    return made;
  }

  /** Nodes may begin an epoch in the very step in which they show its first block: what they sign then is judged when the set is known. */
  const early = new Map<number, { readonly key: string; readonly message: Uint8Array }[]>();

  const ledger: VoteLedger = {
    signed(key, message) {
      const domain = domainOf(message);
      if (domain === undefined) return;
      const [, chain, epoch, slot, hash, parentSlot] = asArray(decodeCbor(message), 'vote', 6);
      const isForm =
        chain instanceof Uint8Array && typeof epoch === 'number' && typeof slot === 'number';
      if (!isForm)
        throw new Violation(
          'signed-bytes',
          `a ${domain} that names no chain, epoch and slot is signed`,
        );
      if (!equalBytes(chain, chainId)) {
        // Attackers have what honest validators signed elsewhere; here nobody asks an honest node for it.
        if (!elsewhere && !corrupted.has(key))
          throw new Violation(
            'signed-bytes',
            `honest key ${key.slice(0, 8)} signs a ${domain} for another chain`,
          );
        return;
      }
      if (!epochs.has(epoch)) {
        early.set(epoch, [...(early.get(epoch) ?? []), { key, message }].slice(-EARLY_MAX));
        return;
      }
      const block = hash instanceof Uint8Array ? Buffer.from(hash).toString('hex') : '';
      const honest = !corrupted.has(key);
      const at = slotAt(epoch, slot);
      const said = at.of.get(key) ?? {};
      at.of.set(key, said);
      count += 1;
      if (domain === PROPOSAL) {
        const what = `${block} on ${parentSlot}`;
        if (honest && said.proposed !== undefined && said.proposed !== what)
          conflict('a second proposal', epoch, slot, key);
        said.proposed = what;
        const keys = epochs.get(epoch) ?? [];
        const leads = keys.length > 0 && keys[slot % keys.length] === key;
        if (honest && !leads) conflict('a proposal of another leader', epoch, slot, key);
        if (leads && typeof parentSlot === 'number') at.proposals.push({ block, parentSlot });
        return;
      }
      if (honest && keysOf(epoch, key) === false)
        conflict('in an epoch that it is not of', epoch, slot, key);
      if (domain === NOTAR) {
        if (honest && said.notar !== undefined && said.notar !== block)
          conflict('a second notar vote', epoch, slot, key);
        const again = said.notar === block;
        if (honest && !again) checkNotar(epoch, slot, block);
        said.notar = block;
        add(at.notars, block, key);
      } else if (domain === SKIP) {
        if (honest && said.final !== undefined)
          conflict('a skip vote after its final vote', epoch, slot, key);
        said.skip = true;
        at.skips.add(key);
      } else {
        if (honest && said.skip === true)
          conflict('a final vote after its skip vote', epoch, slot, key);
        // Of a notar vote whose disk refused, or that a crash overtook, only the guard file knows: it binds all the same.
        said.notar ??= block;
        if (honest && said.notar !== block)
          conflict('a final vote without its notar vote', epoch, slot, key);
        if (honest && said.final !== undefined && said.final !== block)
          conflict('a second final vote', epoch, slot, key);
        if (honest && said.final === undefined && !isCertified(epoch, at.notars.get(block)))
          conflict('a final vote without a notar certificate', epoch, slot, key);
        said.final = block;
        const before = isCertified(epoch, at.finals.get(block));
        add(at.finals, block, key);
        if (!before && isCertified(epoch, at.finals.get(block))) finals += 1;
      }
      checkSlot(epoch, slot);
    },
    elsewhere(act) {
      elsewhere = true;
      try {
        return act();
      } finally {
        elsewhere = false;
      }
    },
    corrupt: (key) => void corrupted.add(key),
    begin(epoch, keys) {
      if (epochs.has(epoch)) return;
      epochs.set(epoch, keys);
      for (const { key, message } of early.get(epoch) ?? []) ledger.signed(key, message);
      early.delete(epoch);
    },
    candidate: (block, previous) => void previousOf.set(block, previous),
    finals: () => finals,
    get count() {
      return count;
    },
  };
  return ledger;

  function keysOf(epoch: number, key: string): boolean | undefined {
    return epochs.get(epoch)?.includes(key);
  }
}

function domainOf(message: Uint8Array): string | undefined {
  for (const { text, head } of DOMAINS) {
    if (message.length <= head.length) continue;
    let same = true;
    for (let i = 0; same && i < head.length; i++) same = message[i + 1] === head[i];
    if (same) return text;
  }
  return undefined;
}
