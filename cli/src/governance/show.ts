// `suyuan governance list` and `show`.

import { CliError } from '../errors.ts';
import { requestJson, serverUrl } from '../http.ts';

export interface ReadOptions {
  readonly server: string;
  readonly json?: true;
}

interface Governance {
  readonly height: number;
  readonly quorum: number;
  readonly validators: { readonly epoch: number; readonly members: readonly { id: string }[] };
  readonly rules: {
    readonly version: number;
    readonly modules: readonly Upgrade[];
    readonly next?: readonly Upgrade[];
  };
  readonly proposals: readonly Proposal[];
}

interface Upgrade {
  readonly module: string;
  readonly version: number;
  readonly artifact: string;
  readonly height: number;
}

interface Proposal {
  readonly id: string;
  readonly change: { readonly kind: string } & Readonly<Record<string, unknown>>;
  readonly proposer: string;
  readonly expires: number;
  readonly approvals: readonly string[];
  readonly status: string;
}

const ID = /^[a-z0-9][a-z0-9.-]{1,62}$/;

export async function list(options: ReadOptions): Promise<void> {
  const answer = await requestJson(new URL('/api/v1/governance', serverUrl(options.server)));
  if (options.json) {
    console.log(JSON.stringify(answer));
    return;
  }
  const { height, quorum, validators, rules, proposals } = answer as unknown as Governance;
  const { epoch, members } = validators;
  const upgrades = [
    ...rules.modules.map((upgrade) => upgradeLine(upgrade, 'since')),
    ...(rules.next ?? []).map((upgrade) => upgradeLine(upgrade, 'from')),
  ];
  const lines = [
    `height     ${height}, epoch ${epoch}`,
    `members    ${members.map(({ id }) => id).join(', ')}`,
    `quorum     ${quorum} of ${members.length}`,
    `rules      version ${rules.version}`,
    ...upgrades.map((line) => `           ${line}`),
    ...(proposals.length === 0 ? ['proposals  none open'] : ['proposals']),
    ...proposals.flatMap((proposal) => [
      `  ${proposal.id}  ${changeText(proposal.change)}`,
      `    by ${proposal.proposer}; approved by ${proposal.approvals.join(', ')}: ${countText(proposal, members, quorum)}${proposal.expires < height ? '; expired' : `; until block ${proposal.expires}`}`,
    ]),
  ];
  console.log(lines.join('\n'));
}

export async function show(id: string, options: ReadOptions): Promise<void> {
  if (!ID.test(id)) throw new CliError(`${id} is no id of a proposal`);
  const url = new URL(`/api/v1/governance/proposals/${id}`, serverUrl(options.server));
  const answer = await requestJson(url);
  if (options.json) {
    console.log(JSON.stringify(answer));
    return;
  }
  const { height, proposal } = answer as unknown as { height: number; proposal: Proposal };
  const { status, expires, proposer, approvals, change } = proposal;
  const now = status === 'open' && expires < height ? 'expired' : status;
  console.log(
    [
      `proposal ${id}: ${changeText(change)}`,
      `status   ${now}${now === 'open' ? `, until block ${expires}; now ${height}` : ''}`,
      `by       ${proposer}`,
      `approved ${approvals.join(', ')}`,
      ...(change.kind === 'upgrade' ? [`artifact ${String(change.artifact)}`] : []),
    ].join('\n'),
  );
}

function upgradeLine({ module, version, artifact, height }: Upgrade, word: string): string {
  return `${module} ${version} ${word} block ${height}, artifact ${artifact.slice(0, 16)}…`;
}

function countText(
  { approvals }: Proposal,
  members: Governance['validators']['members'],
  quorum: number,
): string {
  const valid = approvals.filter((id) => members.some((member) => member.id === id)).length;
  return `${valid} of ${quorum}`;
}

function changeText(change: Proposal['change']): string {
  switch (change.kind) {
    case 'join': {
      const { id } = (change.validator ?? {}) as { id?: unknown };
      return `${String(id)} joins`;
    }
    case 'remove':
      return `${String(change.id)} goes`;
    case 'upgrade':
      return `${String(change.module)} to version ${String(change.version)} from block ${String(change.height)}`;
    case 'cancel':
      return `cancel the upgrade ${String(change.upgrade)}`;
    default:
      return change.kind;
  }
}
