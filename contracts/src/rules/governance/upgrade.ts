// Approved upgrades of the rules (docs/formats.md §4): which version of which module comes into force at which height.

import { AppError } from '../../errors.ts';
import {
  UPGRADE_AHEAD_BLOCKS_MAX,
  UPGRADED_MODULES_MAX,
  UPGRADES_PENDING_MAX,
} from '../../limits.ts';
import type { Effects, RuleContext } from '../types.ts';
import type { Change } from './proposal.ts';
import {
  type PendingUpgrade,
  RULES_KEY,
  type RulesRecord,
  rulesToValue,
  versionOf,
} from './rules-record.ts';

type Upgrade = Extract<Change, { kind: 'upgrade' }>;

/**
 * The record with the upgrade among those to come. Throws `governance/wrong-version`, `governance/too-soon`, `governance/too-late` or
 * `governance/too-many-upgrades`.
 */
export function scheduled(
  record: RulesRecord,
  proposal: string,
  { module, version, artifact, height }: Upgrade,
  ctx: RuleContext,
): Effects {
  const next = record.next ?? [];
  const before = next.filter((entry) => entry.module === module).at(-1);
  const expected = (before?.version ?? versionOf(record, module)) + 1;
  if (version !== expected) {
    throw new AppError('governance/wrong-version', `The next version of it is ${expected}.`, {
      module,
      expected,
    });
  }
  const earliest = Math.max(ctx.height + ctx.noticeBlocks, (before?.height ?? 0) + 1);
  if (height < earliest) {
    throw new AppError(
      'governance/too-soon',
      `An upgrade takes effect at height ${earliest} or later, so that all have time to install it.`,
      { earliest },
    );
  }
  const latest = ctx.height + UPGRADE_AHEAD_BLOCKS_MAX;
  if (height > latest) {
    throw new AppError(
      'governance/too-late',
      `An upgrade takes effect at height ${latest} or earlier.`,
      { latest },
    );
  }
  const upgraded = new Set([...record.modules, ...next].map((entry) => entry.module)).add(module);
  if (next.length >= UPGRADES_PENDING_MAX || upgraded.size > UPGRADED_MODULES_MAX) {
    throw new AppError(
      'governance/too-many-upgrades',
      'As many upgrades as a ledger keeps are waiting; propose it again when one has taken effect.',
    );
  }
  const entry: PendingUpgrade = { module, version, artifact, height, proposal };
  return {
    writes: [writeNext(record, [...next, entry].sort(byHeight))],
    events: [{ type: 'governance.upgrade-scheduled', data: { ...entry } }],
  };
}

/** The record without an upgrade to come. Throws `governance/unknown-upgrade`, or `governance/not-the-last` where a later version waits upon it. */
export function cancelled(record: RulesRecord, proposal: string): Effects {
  const next = record.next ?? [];
  const entry = next.find((upgrade) => upgrade.proposal === proposal);
  if (entry === undefined) {
    throw new AppError('governance/unknown-upgrade', 'No such upgrade is to come.', { proposal });
  }
  const { module, version } = entry;
  if (next.some((other) => other.module === module && other.version > version)) {
    throw new AppError('governance/not-the-last', 'A later version waits; cancel that one first.', {
      module,
    });
  }
  return {
    writes: [
      writeNext(
        record,
        next.filter((upgrade) => upgrade !== entry),
      ),
    ],
    events: [{ type: 'governance.upgrade-cancelled', data: { module, version, proposal } }],
  };
}

function writeNext({ version, modules }: RulesRecord, next: readonly PendingUpgrade[]) {
  const record = { version, modules, ...(next.length === 0 ? {} : { next }) };
  return { key: RULES_KEY, value: rulesToValue(record) };
}

function byHeight(a: PendingUpgrade, b: PendingUpgrade): number {
  if (a.height !== b.height) return a.height - b.height;
  return a.module < b.module ? -1 : 1;
}
