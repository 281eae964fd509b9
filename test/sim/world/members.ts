// When which member joins, leaves or changes its key in the first phase of a run.

import type { Prng } from '../kernel/prng.ts';
import type { Governance } from './governance.ts';
import type { World } from './world.ts';

/** The set never gets smaller than this. */
const MEMBERS_MIN = 4;

export function changeMembers(
  world: World,
  governance: Governance,
  random: Prng,
  until_ms: number,
): void {
  const { scheduler, machines, oracle } = world;
  const changing = new Set<string>();
  const moves = random.int(1, 3);
  for (let i = 0; i < moves; i++) {
    scheduler.after(random.int(300, until_ms - 500), () => {
      const members = oracle.newest().validators.map(({ id }) => id);
      const outside = machines.filter(({ id }) => !members.includes(id) && !changing.has(id));
      const inside = machines.filter(
        ({ id, untrusted }) => members.includes(id) && !untrusted && !changing.has(id),
      );
      const move = random.pick(['join', 'rotate', 'leave', 'remove'] as const);
      if (move === 'join' && outside.length > 0) {
        const newcomer = random.pick(outside);
        changing.add(newcomer.id);
        governance.join(newcomer);
        return;
      }
      const honest = inside.filter(({ hostile }) => !hostile);
      if (honest.length === 0) return;
      const machine = random.pick(move === 'remove' ? inside : honest);
      changing.add(machine.id);
      // Those that are on their way out count as gone.
      if (move === 'rotate' || members.length - changing.size <= MEMBERS_MIN) {
        if (!machine.hostile) governance.rotate(machine);
      } else if (move === 'leave') governance.leave(machine);
      else governance.remove(machine);
    });
  }
}
