import { equalBytes } from '@suyuan/contracts';
import type { ConsensusHost } from '../port.ts';

/** Time of the block that another stands upon, if it is the head or executed here. */
export function parentTime_ms(host: ConsensusHost, previous: Uint8Array): number | undefined {
  const head = host.head();
  return equalBytes(head.blockHash, previous) ? head.time_ms : host.executed(previous)?.time_ms;
}
