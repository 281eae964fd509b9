// How a node takes part in the agreement, as its status tells it.

import { quorum } from '@suyuan/contracts';
import type { ConsensusStatusJson, Simplex } from '@suyuan/server';

export function consensusStatus(consensus: Simplex): ConsensusStatusJson {
  const { self, epoch, slot, leader, height, voting, reason, failed, validators, peers, clock } =
    consensus.status();
  return {
    ...{ id: self, epoch, slot, leader, height, voting, reason, failed, validators },
    quorum: quorum(validators),
    peers: peers.map(({ id }) => id),
    clock: clock?.message ?? null,
  };
}
