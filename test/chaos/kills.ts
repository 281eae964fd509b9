// Rounds of SIGKILL under load: each validator in turn, each pair in turn.

import { setTimeout as wait } from 'node:timers/promises';
import { ChaosFailure, type Fleet, type Member } from './fleet.ts';

/** Blocks that show that the chain goes on. */
const BLOCKS = 3;
/** Blocks that may still come when no quorum is left: their votes were on the way. */
const TAIL_BLOCKS = 8;
const QUIET_MS = 1500;

/** Each of them alone and each pair, in turns: a run of few rounds has both. */
export function victimsOf(round: number, members: readonly Member[]): readonly Member[] {
  const pairs = members.flatMap((first, i) =>
    members.slice(i + 1).map((second) => [first, second]),
  );
  const groups = pairs.flatMap((pair, i) => (i < members.length ? [[members[i]!], pair] : [pair]));
  return groups[round % groups.length]!;
}

/** One round; throws a ChaosFailure where the chain does not do what it must. `random` in [0, 1): when, and who comes back first. */
export async function killRound(
  fleet: Fleet,
  victims: readonly Member[],
  random: () => number,
): Promise<void> {
  const rest = fleet.members.filter((member) => !victims.includes(member));
  const faults = Math.floor((fleet.members.length - 1) / 3);
  await wait(random() * 400);
  await Promise.all(victims.map((victim) => victim.kill()));
  if (victims.length <= faults) await goesOn(fleet, rest, 'with one validator down');
  else await standsStill(fleet, rest);
  const order = random() < 0.5 ? victims : [...victims].reverse();
  for (const [i, victim] of order.entries()) {
    victim.start();
    // Sometimes they come together, sometimes the chain must go on with the first.
    const areThree = fleet.members.filter((member) => member.isUp).length >= rest.length + 1;
    if (i < order.length - 1 && random() < 0.5 && areThree) {
      await goesOn(fleet, [...rest, victim], 'when the first of two is back');
    }
  }
  await goesOn(fleet, fleet.members, 'when all are back');
}

/** Each of them gets further blocks, and all that the furthest has now. */
export async function goesOn(
  fleet: Fleet,
  members: readonly Member[],
  when: string,
): Promise<void> {
  const goal = fleet.judge.height + BLOCKS;
  await fleet.until(`the chain goes on ${when}`, () =>
    members.every((member) => fleet.heightOf(member.id) >= goal),
  );
}

/** No quorum: after what was on its way nothing is added. */
export async function standsStill(fleet: Fleet, members: readonly Member[]): Promise<void> {
  const before = fleet.judge.height;
  await wait(QUIET_MS);
  const { height } = fleet.judge;
  if (height > before + TAIL_BLOCKS) {
    throw new ChaosFailure(`without a quorum ${height - before} blocks were added`);
  }
  await wait(QUIET_MS);
  if (fleet.judge.height > height) {
    throw new ChaosFailure(`without a quorum the chain went from ${height} on`);
  }
  const ended = members.filter((member) => !member.isUp).map(({ id }) => id);
  if (ended.length > 0) throw new ChaosFailure(`${ended.join(', ')} ended by itself`);
}

/** Every log from its first block to the same height, and in each all that was acknowledged. What is lost, as text. */
export async function audit(fleet: Fleet): Promise<readonly string[]> {
  for (const member of fleet.members) member.order('load off');
  // Nothing waits anywhere, so nothing is added that one log has and another not yet.
  await fleet.until('all validators come to the same height and nothing waits', () => {
    const heights = new Set(fleet.members.map(({ id }) => fleet.heightOf(id)));
    return heights.size === 1 && fleet.members.every(({ status }) => status?.waiting === 0);
  });
  await Promise.all(fleet.members.map((member) => member.stop()));
  for (const member of fleet.members) member.start();
  await Promise.all(
    fleet.members.map(async (member) => {
      await member.says('ready');
      member.order('load off');
      const audited = member.says('audited');
      member.order('audit');
      await audited;
    }),
  );
  return fleet.members.flatMap(({ id }) => fleet.judge.missingIn(id));
}
