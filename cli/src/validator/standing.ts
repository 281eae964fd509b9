// How a node stands, in the words of the terminal.

import type { ConsensusStatusJson } from '@suyuan/server';

export interface Standing {
  readonly status: ConsensusStatusJson;
  /** Why the node takes nothing more. */
  readonly failure: { readonly message: string; readonly code: string } | undefined;
  /** Ids of all validators of this epoch. */
  readonly members: readonly string[];
}

/** Members that are connected, this node among them where it is one. */
function present({ status, members }: Standing): string[] {
  return members.filter((id) => id === status.id || status.peers.includes(id));
}

/** One word or few: what it does. */
export function doing(standing: Standing): string {
  const { status, failure } = standing;
  if (failure !== undefined) return 'stopped';
  if (present(standing).length < status.quorum) return 'waits for a quorum';
  if (status.reason !== null) return 'does not vote';
  if (status.id === null) return 'follows';
  return status.voting ? 'votes' : 'does not vote';
}

/** For the line that is written over. */
export function standingLine(standing: Standing): string {
  const { epoch, height, validators } = standing.status;
  const there = present(standing).length;
  return `epoch ${epoch}   height ${height}   ${there} of ${validators} validators   ${doing(standing)}`;
}

/** What a person is told when it stands otherwise than before; at first, all of it. */
export function changes(before: Standing | undefined, now: Standing): string[] {
  const { status, failure, members } = now;
  const lines: string[] = [];
  if (failure !== undefined) {
    if (before?.failure === undefined) lines.push(`stopped: ${failure.message} (${failure.code})`);
    return lines;
  }
  if (before !== undefined && before.status.epoch !== status.epoch) {
    lines.push(`epoch ${status.epoch} begins: ${members.join(', ')}`);
  }
  const [was, is] = [before === undefined ? [] : present(before), present(now)];
  const others = (ids: readonly string[]) => ids.filter((id) => id !== status.id);
  const came = others(is).filter((id) => !was.includes(id));
  const gone = others(was).filter((id) => !is.includes(id));
  const count = `${is.length} of ${status.validators} validators are here, a quorum is ${status.quorum}`;
  if (came.length > 0) lines.push(`connected to ${came.join(', ')}: ${count}`);
  if (gone.length > 0) lines.push(`lost ${gone.join(', ')}: ${count}`);
  if (status.clock !== null && status.clock !== before?.status.clock) lines.push(status.clock);
  const deed = doing(now);
  if (before === undefined || doing(before) !== deed) {
    const why = deed === 'does not vote' ? `: ${whyNot(now)}` : '';
    lines.push(`${deed}${why}, at height ${status.height}`.replace(/\., at/, '; at'));
  }
  return lines;
}

function whyNot({ status }: Standing): string {
  if (status.reason !== null) return `${status.reason.message} (${status.reason.code})`;
  return 'its key is not one of this epoch';
}
