// The network falls apart and comes together again, while every process runs.

import type { Fleet, Member } from './fleet.ts';
import { goesOn, standsStill } from './kills.ts';
import type { Namespaces } from './namespaces.ts';

export interface PartitionRound {
  readonly name: string;
  run(): Promise<void>;
}

export function partitionRounds(fleet: Fleet, net: Namespaces): readonly PartitionRound[] {
  const { members } = fleet;
  const others = (...far: readonly number[]): readonly Member[] =>
    members.filter((_, index) => !far.includes(index));
  const heal = async (): Promise<void> => {
    net.heal();
    await goesOn(fleet, members, 'when the network is whole again');
  };

  async function alone(index: number): Promise<void> {
    const apart = members[index]!;
    net.part([index]);
    await goesOn(fleet, others(index), `without ${apart.id}`);
    const before = fleet.heightOf(apart.id);
    await goesOn(fleet, others(index), `without ${apart.id}`);
    if (fleet.heightOf(apart.id) > before + 1) throw new Error(`${apart.id} was not alone`);
  }

  return [
    ...members.map(({ id }, index) => ({
      name: `${id} alone`,
      run: async () => {
        await alone(index);
        await heal();
      },
    })),
    {
      name: 'two against two',
      run: async () => {
        net.part([1, 3]);
        await standsStill(fleet, members);
        await heal();
      },
    },
    {
      name: 'until the connections are given up',
      run: async () => {
        await alone(2);
        await fleet.until('the lonely one notices that nobody answers', () => {
          return members[2]!.status?.peers.length === 0;
        });
        await heal();
      },
    },
    {
      name: 'one way only',
      run: async () => {
        net.mute(0, 1);
        net.mute(2, 3);
        await goesOn(fleet, others(), 'where two are not heard by one each');
        await heal();
      },
    },
  ];
}
