// What every part of the story has in its hands: the house, the plan, and ways to act that do nothing twice.

import {
  type CborObject,
  type CborValue,
  type Hash,
  profileHash,
  type ReceiptView,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import type { HouseClock } from '../house/clock.ts';
import type { House } from '../house/house.ts';
import { at, lotsOf, type Plan } from './plan.ts';
import type { SeasonFile, Story } from './progress.ts';

export interface Call {
  readonly module: string;
  readonly action: string;
  readonly payload: CborObject;
  /** The ledger says that it was done before: the key that it makes, or a look at what it changes. */
  readonly done: string | ((read: Read) => boolean);
}

export type Read = (key: string) => CborValue | undefined;

export interface StoryEvent {
  readonly at_ms: number;
  readonly run: () => Promise<void>;
}

export interface Teller {
  readonly house: House;
  readonly hash: Hash;
  readonly plan: Plan;
  readonly lots: ReturnType<typeof lotsOf>;
  readonly read: Read;
  /** By the clock of the season. */
  now_ms(): number;
  /** Signed by that account, unless the ledger has it already. */
  act(signer: string, call: Call): Promise<void>;
  /** What is left to do of it, in one transaction. */
  actAll(signer: string, calls: readonly Call[]): Promise<void>;
  /** At so many days before the end. */
  event(days: number, run: () => Promise<void>): StoryEvent;
  /** Something to look at, for the end of the demo. */
  tell(story: keyof Story, path: string): Promise<void>;
  told(story: keyof Story): string | undefined;
  /** A unit of the product for the first page. */
  show(gtin: string, path: string): Promise<void>;
}

const BATCH_CALLS = 100;

export function createTeller(house: House, clock: HouseClock, file: SeasonFile): Teller {
  const plan: Plan = file.get();
  const read: Read = (key) => house.node.read(key);
  const isDone = ({ done }: Call): boolean =>
    typeof done === 'string' ? read(done) !== undefined : done(read);
  const run = (signer: string, { module, action, payload }: Call): Promise<ReceiptView> =>
    house.submit(signer, module, action, payload);
  return {
    house,
    hash: profileHash(nodeCrypto, house.profile),
    plan,
    lots: lotsOf(plan),
    read,
    now_ms: () => clock.now_ms(),
    async act(signer, call) {
      if (!isDone(call)) await run(signer, call);
    },
    async actAll(signer, calls) {
      for (let first = 0; first < calls.length; first += BATCH_CALLS) {
        const left = calls.slice(first, first + BATCH_CALLS).filter((call) => !isDone(call));
        if (left.length === 0) continue;
        await house.submit(signer, 'batch', 'run', {
          calls: left.map(({ module, action, payload }) => ({ module, action, payload })),
        });
      }
    },
    event: (days, tell) => ({ at_ms: at(plan, days), run: tell }),
    async tell(story, path) {
      const progress = file.get();
      await file.put({ ...progress, stories: { ...progress.stories, [story]: path } });
    },
    told: (story) => file.get().stories[story],
    async show(gtin, path) {
      const progress = file.get();
      await file.put({ ...progress, sampleLinks: { ...progress.sampleLinks, [gtin]: path } });
    },
  };
}
