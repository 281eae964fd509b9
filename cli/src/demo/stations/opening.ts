// The season opens: marks, policies with their sources, people, products, places, and calendars of working days.

import { type CborObject, calendarKey, markKey, policyHeadKey } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { calendarOf } from '../calendars.ts';
import { GTIN, MARKS, MEMBERSHIPS, PLACES, PRODUCTS } from '../goods.ts';
import { DAY_MS } from '../ids.ts';
import { ORCHARDS, PEOPLE } from '../people.ts';
import { daysBefore, peelSeason, seasonStart_ms, yearAt } from '../plan.ts';
import { FRUIT_G_PER_MU, policiesOf } from '../policies.ts';
import type { Call, StoryEvent, Teller } from '../teller.ts';

/** Blocks until the policies apply; as many transactions stand between them and the first quota. */
const POLICY_IN_BLOCKS = 4;
const SEASON_MS = 120 * DAY_MS;

export function opening(teller: Teller): StoryEvent[] {
  const { plan } = teller;
  return [
    teller.event(daysBefore(plan, 'begin'), async () => {
      await registerPeople(teller);
      await setCalendars(teller);
      await teller.actAll('regulator', MARKS.map(markCall));
      await adoptPolicies(teller);
      await bySigner(teller, PRODUCTS, ({ by: _, ...product }) => ({
        module: 'products',
        action: 'register',
        payload: copyOf(product),
        done: `products/${product.gtin}`,
      }));
      await bySigner(teller, PLACES, ({ by: _, ...place }) => ({
        module: 'places',
        action: 'register',
        payload: copyOf(place),
        done: `places/${place.gln}`,
      }));
      await bySigner(teller, MEMBERSHIPS, ({ by: _, gln, mark }) => ({
        module: 'places',
        action: 'set-membership',
        payload: { gln, mark, from: seasonStart_ms(plan) },
        done: (read) => {
          const place = read(`places/${gln}`) as { memberships?: unknown[] } | undefined;
          return (place?.memberships?.length ?? 0) > 0;
        },
      }));
    }),
    teller.event(daysBefore(plan, 'granted'), () =>
      teller.actAll(
        'association',
        ORCHARDS.map(({ gln, area_mmu }) =>
          quotaCall(gln, peelSeason(plan), seasonStart_ms(plan), area_mmu),
        ),
      ),
    ),
  ];
}

function markCall({ mark, name, steward }: (typeof MARKS)[number]): Call {
  return {
    module: 'products',
    action: 'register-mark',
    payload: { mark, name: { ...name }, steward },
    done: markKey(mark),
  };
}

/** What a plot's area yields by the policy. */
export function quotaCall(gln: string, season: string, from: number, area_mmu: number): Call {
  return {
    module: 'quotas',
    action: 'grant',
    payload: {
      gln,
      gtin: GTIN.mandarins,
      season,
      from,
      to: from + SEASON_MS,
      amount: Math.floor((area_mmu * FRUIT_G_PER_MU) / 1000),
    },
    done: `quotas/${gln}/${GTIN.mandarins}/${season}`,
  };
}

async function registerPeople(teller: Teller): Promise<void> {
  const calls = await Promise.all(
    PEOPLE.map(async ({ id, roles, name }): Promise<Call> => {
      const { suite, bytes } = nodeCrypto.publicKeyOf(await teller.house.secretOf(id));
      return {
        module: 'accounts',
        action: 'register',
        payload: { id, roles: [...roles], name: { ...name }, key: { suite, key: bytes } },
        done: `accounts/${id}`,
      };
    }),
  );
  await teller.actAll('association', calls);
}

async function setCalendars(teller: Teller): Promise<void> {
  const { plan } = teller;
  const calls: Call[] = [];
  for (let year = yearAt(seasonStart_ms(plan)); year <= yearAt(plan.end_ms) + 1; year += 1) {
    const calendar = calendarOf(year);
    if (calendar === undefined) continue;
    calls.push({
      module: 'policies',
      action: 'set-calendar',
      payload: copyOf(calendar),
      done: calendarKey(year),
    });
  }
  await teller.actAll('regulator', calls);
}

async function adoptPolicies(teller: Teller): Promise<void> {
  const from = teller.house.node.height() + POLICY_IN_BLOCKS;
  await bySigner(teller, policiesOf(teller.plan), ({ by: _, ...policy }) => ({
    module: 'policies',
    action: 'adopt',
    payload: { ...copyOf(policy), version: 1, from },
    done: policyHeadKey(policy.policy),
  }));
}

async function bySigner<T extends { readonly by: string }>(
  teller: Teller,
  entries: readonly T[],
  toCall: (entry: T) => Call,
): Promise<void> {
  for (const signer of new Set(entries.map(({ by }) => by))) {
    await teller.actAll(signer, entries.filter(({ by }) => by === signer).map(toCall));
  }
}

/** A literal of the story as a payload of its own. */
function copyOf(value: object): CborObject {
  return structuredClone(value) as CborObject;
}
