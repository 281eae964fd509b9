// Cores joined by a network of which the test decides what arrives next, what is lost and which clock runs out. Blocks are names, and
// what each node signed is checked as a signer would.

import { createCore } from '../core.ts';
import type {
  BlockId,
  Core,
  CoreEffect,
  CoreEvent,
  CoreOptions,
  Ref,
  Statement,
} from '../types.ts';

export const ROOT = 'root';

export function coreOptions(changes: Partial<CoreOptions> = {}): CoreOptions {
  return {
    validators: 4,
    self: 0,
    root: ROOT,
    skip_ms: 1000,
    growth_ppt: 1500,
    skipMax_ms: 30_000,
    standstill_ms: 2000,
    standstillMax_ms: 16_000,
    slotsAhead_max: 32,
    cast: [],
    ...changes,
  };
}

export interface Delivery {
  readonly to: number;
  readonly from: number;
  readonly event: CoreEvent;
}

export interface CommitteeNode {
  core: Core;
  readonly timers: Map<'timeout' | 'standstill', { slot: number; delay_ms: number }>;
  readonly cast: Statement[];
  readonly kept: Extract<CoreEvent, { type: 'candidate' | 'certificate' }>[];
  readonly candidates: Map<string, CoreEvent>;
  /** The blocks that are final here, oldest first. */
  readonly chain: BlockId[];
  final: Ref;
  readonly effects: CoreEffect[];
  waiting: boolean;
  /** Gets and sends nothing. */
  down: boolean;
}

export interface Committee {
  readonly nodes: CommitteeNode[];
  /** On their way. */
  readonly queue: Delivery[];
  readonly previous: Map<BlockId, BlockId>;
  step(node: number, event: CoreEvent): CoreEffect[];
  /** Delivers one of the queue, or loses it. */
  deliver(index: number, lost?: boolean): void;
  /** Delivers all, oldest first, and what follows from it. */
  settle(): void;
  fire(node: number, name: 'timeout' | 'standstill'): boolean;
  work(waiting: boolean, ...nodes: number[]): void;
  restart(node: number): void;
}

export function createCommittee(
  size: number,
  changes: Partial<CoreOptions> = {},
  endsEpoch: (block: BlockId) => boolean = () => false,
): Committee {
  const queue: Delivery[] = [];
  const previous = new Map<BlockId, BlockId>();
  const all = Array.from({ length: size }, (_, i) => i);
  const optionsOf = (self: number) => coreOptions({ validators: size, ...changes, self });
  const nodes = all.map(
    (self): CommitteeNode => ({
      core: createCore(optionsOf(self)),
      timers: new Map(),
      cast: [],
      kept: [],
      candidates: new Map(),
      chain: [],
      final: { slot: -1, block: ROOT },
      effects: [],
      waiting: false,
      down: false,
    }),
  );

  function send(from: number, to: number, event: CoreEvent): void {
    queue.push({ from, to, event });
  }

  function broadcast(from: number, event: CoreEvent): void {
    for (const to of all) if (to !== from) send(from, to, event);
  }

  function step(number: number, event: CoreEvent): CoreEffect[] {
    const node = nodes[number]!;
    if (event.type === 'candidate') node.candidates.set(`${event.slot}/${event.block}`, event);
    const effects = node.core.step(event);
    node.effects.push(...effects);
    for (const effect of effects) carryOut(number, node, effect);
    return effects;
  }

  function carryOut(self: number, node: CommitteeNode, effect: CoreEffect): void {
    switch (effect.type) {
      case 'validate':
        send(self, self, { type: 'validated', block: effect.block, valid: true, timely: true });
        break;
      case 'build': {
        const { slot, parent, repeat } = effect;
        const fresh = node.waiting ? `b${slot}` : null;
        const block = repeat ? parent.block : fresh;
        const ends = block !== null && endsEpoch(block);
        send(self, self, { type: 'built', slot, parent, block, endsEpoch: ends });
        break;
      }
      case 'propose': {
        const { slot, block, parent } = effect;
        if (block !== parent.block) previous.set(block, parent.block);
        const event = {
          type: 'candidate',
          slot,
          block,
          parent,
          endsEpoch: endsEpoch(block),
        } as const;
        node.candidates.set(`${slot}/${block}`, event);
        node.kept.push(event);
        broadcast(self, event);
        break;
      }
      case 'cast': {
        sign(node.cast, effect.statement);
        const { statement } = effect;
        if (statement.kind === 'notar') {
          const event = node.candidates.get(`${statement.slot}/${statement.block}`);
          if (event?.type === 'candidate') node.kept.push(event);
        }
        const event = { type: 'vote', from: self, statement } as const;
        send(self, self, event);
        broadcast(self, event);
        break;
      }
      case 'keep':
        node.kept.push({ type: 'certificate', statement: effect.statement, kept: true });
        break;
      case 'announce':
        broadcast(self, { type: 'certificate', statement: effect.statement, kept: false });
        break;
      case 'fetch': {
        const key = `${effect.slot}/${effect.block}`;
        const holder = nodes.findIndex((other) => other.candidates.has(key));
        // From itself, so that it is not lost: a driver asks until it has it.
        if (holder >= 0) send(self, self, nodes[holder]!.candidates.get(key)!);
        break;
      }
      case 'finalize':
        commit(node, effect.final);
        break;
      case 'behind': {
        const best = nodes.reduce((a, b) => (b.final.slot > a.final.slot ? b : a));
        commit(node, best.final);
        send(self, self, { type: 'synced', final: best.final });
        break;
      }
      case 'timer':
        if (effect.delay_ms === null) node.timers.delete(effect.name);
        else node.timers.set(effect.name, { slot: effect.slot, delay_ms: effect.delay_ms });
        break;
      case 'rebroadcast': {
        const { certificates, cast } = node.core.view();
        const final = { kind: 'final', ...node.final } as const;
        const newest = node.final.slot < 0 ? [] : [final];
        for (const statement of [...newest, ...certificates]) {
          broadcast(self, { type: 'certificate', statement, kept: false });
        }
        for (const statement of cast) broadcast(self, { type: 'vote', from: self, statement });
        break;
      }
      case 'diverged':
        throw new Error(`Node ${self} calls ${effect.block} of slot ${effect.slot} wrong.`);
    }
  }

  function commit(node: CommitteeNode, final: Ref): void {
    const last = node.chain.at(-1) ?? ROOT;
    const above: BlockId[] = [];
    for (let at = final.block; at !== last; ) {
      const before = previous.get(at);
      if (before === undefined || above.length > 10_000) {
        throw new Error(`${final.block} of slot ${final.slot} does not stand upon ${last}.`);
      }
      above.push(at);
      at = before;
    }
    node.chain.push(...above.reverse());
    node.final = final;
  }

  return {
    nodes,
    queue,
    previous,
    step,
    deliver(index, lost = false) {
      const [delivery] = queue.splice(index, 1);
      if (delivery === undefined) return;
      const own = delivery.from === delivery.to;
      if (!own && (lost || nodes[delivery.to]!.down || nodes[delivery.from]!.down)) return;
      step(delivery.to, delivery.event);
    },
    settle() {
      for (let left = 100_000; queue.length > 0; left -= 1) {
        if (left === 0) throw new Error('The committee never comes to rest.');
        this.deliver(0);
      }
    },
    fire(number, name) {
      const node = nodes[number]!;
      const timer = node.timers.get(name);
      if (timer === undefined) return false;
      node.timers.delete(name);
      step(
        number,
        name === 'timeout' ? { type: 'timeout', slot: timer.slot } : { type: 'standstill' },
      );
      return true;
    },
    work(waiting, ...numbers) {
      for (const number of numbers.length > 0 ? numbers : all) {
        nodes[number]!.waiting = waiting;
        step(number, { type: 'work', waiting });
      }
    },
    restart(self) {
      const node = nodes[self]!;
      for (let i = queue.length - 1; i >= 0; i -= 1) {
        const { from, to } = queue[i]!;
        if (from === self && to === self) queue.splice(i, 1);
      }
      node.timers.clear();
      node.core = createCore({
        ...optionsOf(self),
        cast: node.cast,
        proposed: node.kept.flatMap((event) =>
          event.type === 'candidate' && event.slot % size === self ? [event.slot] : [],
        ),
        final: node.final,
      });
      for (const event of [...node.kept]) step(self, event);
      for (const statement of node.cast) step(self, { type: 'vote', from: self, statement });
      step(self, { type: 'work', waiting: node.waiting });
    },
  };
}

/** As a signer does: throws where two statements of one validator contradict each other. */
function sign(said: Statement[], next: Statement): void {
  const sameSlot = said.filter(({ slot }) => slot === next.slot);
  const has = (kind: Statement['kind']) => sameSlot.some((statement) => statement.kind === kind);
  const notar = sameSlot.find((statement) => statement.kind === 'notar');
  const wrong =
    has(next.kind) ||
    (next.kind === 'skip' && has('final')) ||
    (next.kind === 'final' && (has('skip') || notar?.block !== next.block));
  if (wrong) throw new Error(`Signed ${JSON.stringify(sameSlot)}, asked for ${next.kind}.`);
  said.push(next);
}
