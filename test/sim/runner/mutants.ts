// Bugs put in on purpose. Each is one that somebody could write; a simulation that does not find it tests nothing. Where the code has
// changed so that the text to replace is no longer there once, the gate fails until somebody has looked.

import type { ProfileName } from '../world/profiles.ts';
import type { Patch } from './bundle.ts';

export interface Mutant {
  readonly name: string;
  /** The scenarios in which it does harm; any if none is named. */
  readonly profile?: ProfileName;
  readonly patches: readonly Patch[];
}

const CONSENSUS = 'server/src/consensus';

function mutant(
  name: string,
  profile: ProfileName | undefined,
  ...patches: readonly (readonly [file: string, find: string, replace: string])[]
): Mutant {
  return {
    name,
    ...(profile === undefined ? {} : { profile }),
    patches: patches.map(([file, find, replace]) => ({ file, find, replace })),
  };
}

export const MUTANTS: readonly Mutant[] = [
  mutant('a signature before its guard record is durable', 'crash', [
    `${CONSENSUS}/signer/signer.ts`,
    '      await written;\n    } catch (error) {\n      throw fail(error);',
    '    } catch (error) {\n      throw fail(error);',
  ]),
  mutant('the guard file is not consulted', 'crash', [
    `${CONSENSUS}/signer/signer.ts`,
    'await keep(book.take(statements));',
    'await keep([]);',
  ]),
  mutant('skip votes are forgotten by the guard file', 'crash', [
    `${CONSENSUS}/signer/signer.ts`,
    'const records = entries.map(({ statement }) => signedRecord(statement));',
    "const records = entries.filter(({ statement }) => statement.kind !== 'skip').map(({ statement }) => signedRecord(statement));",
  ]),
  mutant('one vote less makes a quorum in the core', 'calm', [
    `${CONSENSUS}/core/state.ts`,
    'Math.floor((2 * options.validators) / 3) + 1',
    'Math.floor((2 * options.validators) / 3)',
  ]),
  mutant('one vote less makes a quorum in every certificate', 'calm', [
    'contracts/src/ledger/validators.ts',
    'return Math.floor((2 * n) / 3) + 1;',
    'return Math.floor((2 * n) / 3);',
  ]),
  mutant('a light client counts one signer twice', 'byzantine', [
    'contracts/src/ledger/certificate.ts',
    'before.validator >= after.validator',
    'before.validator > after.validator',
  ]),
  mutant('a node counts one signer of a certificate twice', 'byzantine', [
    `${CONSENSUS}/messages/verify.ts`,
    'if (validator <= last) {',
    'if (validator < last) {',
  ]),
  mutant('the signatures of a certificate are not verified', 'byzantine', [
    `${CONSENSUS}/messages/verify.ts`,
    'if (!crypto.verify(key, bytes, signature)) {',
    'if (signature.length !== 64) {',
  ]),
  mutant('the signature of a vote is not verified', 'byzantine', [
    `${CONSENSUS}/messages/verify.ts`,
    'if (!crypto.verify(validator.key, voteBytes({ ...vote, chainId }), vote.signature)) {',
    'if (vote.signature.length !== 64) {',
  ]),
  mutant('skip votes do not name the chain', undefined, [
    `${CONSENSUS}/messages/signed-bytes.ts`,
    "encodeCbor(['suyuan/skip/1', chainId, epoch, slot])",
    "encodeCbor(['suyuan/skip/1', new Uint8Array(32), epoch, slot])",
  ]),
  mutant('votes do not name their epoch', 'epochs', [
    `${CONSENSUS}/messages/signed-bytes.ts`,
    "encodeCbor(['suyuan/notar/1', chainId, epoch, slot, block])",
    "encodeCbor(['suyuan/notar/1', chainId, 0, slot, block])",
  ]),
  mutant('a final vote after the timeout', 'crash', [
    `${CONSENSUS}/core/voting.ts`,
    'if (slot.castSkip || slot.castFinal !== null) return;\n  slot.castFinal = block;',
    'if (slot.castFinal !== null) return;\n  slot.castFinal = block;',
  ]),
  mutant('a final vote without a notar certificate', 'calm', [
    `${CONSENSUS}/core/voting.ts`,
    'if (block === null || slot.notar !== block) return;',
    'if (block === null) return;',
  ]),
  mutant('a final vote without the own notar vote', 'network', [
    `${CONSENSUS}/core/voting.ts`,
    'const block = slot.castNotar;\n  if (block === null',
    'const block = slot.castNotar ?? slot.notar;\n  if (block === null',
  ]),
  mutant('a second notar vote when another block is notarized', 'byzantine', [
    `${CONSENSUS}/core/voting.ts`,
    'if (slot.castNotar !== null) return;',
    'if (slot.castNotar !== null && (slot.notar === null || slot.notar === slot.castNotar || !slot.candidates.has(slot.notar))) return;',
  ]),
  mutant('a notar vote without the skip certificates between', 'byzantine', [
    `${CONSENSUS}/core/voting.ts`,
    'if (!skippedBetween(state, parent.slot, number)) return;',
    '',
  ]),
  mutant('the time of a block is not looked at', 'clocks', [
    `${CONSENSUS}/simplex/validating.ts`,
    'return time_ms <= host.clock.now_ms() + options.timeAhead_ms;',
    'return time_ms > 0;',
  ]),
  mutant('votes of before a restart are forgotten', 'crash', [
    `${CONSENSUS}/simplex/epoch.ts`,
    'cast: toCast(signed),',
    'cast: [],',
  ]),
  mutant('the journal of the epoch before is replayed', 'epochs', [
    `${CONSENSUS}/simplex/epoch.ts`,
    'parts.journal.records(epoch)',
    'parts.journal.records(Math.max(0, epoch - 1))',
  ]),
  mutant('a restart resumes from the last certificate, of whatever epoch', 'epochs', [
    `${CONSENSUS}/simplex/restart.ts`,
    'if (certificate.epoch !== epoch || certificate.block === null) return null;',
    'if (certificate.block === null) return null;',
  ]),
  mutant(
    'the state is written before the block log',
    'crash',
    [
      'server/src/engine/chain.ts',
      'if (!kept) await log.append(blocks);\n      logged = [...logged, ...layers];',
      'logged = [...logged, ...layers];',
    ],
    [
      'server/src/engine/chain.ts',
      'if (final.via.length === 0) await settle(last, final);\n    } catch',
      'if (final.via.length === 0) await settle(last, final);\n      if (!kept) await log.append(blocks);\n    } catch',
    ],
  ),
  mutant('the timeout does not grow', 'slow', [
    `${CONSENSUS}/core/timers.ts`,
    'return grown_ms(skip_ms, growth_ppt, slots, skipMax_ms);',
    'return grown_ms(skip_ms, growth_ppt, 0 * slots, skipMax_ms);',
  ]),
  mutant('a block upon the one that ends the epoch', 'epochs', [
    `${CONSENSUS}/core/leading.ts`,
    'return !endsEpoch(state, parent.block) && depthOf',
    'return depthOf',
  ]),
  mutant(
    'the next epoch is voted on by the set of the one before',
    'epochs',
    [
      'server/src/engine/host.ts',
      'const end = chain.epochEnds().at(-1);\n',
      'const end = chain.epochEnds().at(-1);\n      validators = firstSet ??= validators;\n',
    ],
    [
      'server/src/engine/host.ts',
      'const { epoch, members: validators, from: firstHeight } = chain.tip().set;',
      'let { epoch, members: validators, from: firstHeight } = chain.tip().set;',
    ],
    [
      'server/src/engine/host.ts',
      'const pending = new Set<() => void>();',
      "let firstSet: ReturnType<Chain['tip']>['set']['members'] | undefined;\n  const pending = new Set<() => void>();",
    ],
  ),
  mutant('a light client does not look at whom an epoch hands over to', 'epochs', [
    'contracts/src/ledger/light-client.ts',
    'if (!equalBytes(header.nextValidators, validatorsHash(trusted.hash, end.next))) {',
    'if (end.next.length === 0) {',
  ]),
  mutant('the own vote is not delivered to itself', 'quorum', [
    `${CONSENSUS}/simplex/casting.ts`,
    'if (self === null || votes.length === 0) return;\n    for (const statement of casts)',
    'if (self !== null || votes.length === 0) return;\n    for (const statement of casts)',
  ]),
  mutant('a vote before the block is executed', 'byzantine', [
    `${CONSENSUS}/core/voting.ts`,
    "return block.verdict === 'valid' && (block.timely || state.slots.get(slot)?.notar === id);",
    'return true;',
  ]),
  mutant('an entry is removed before a full queue rejects it', 'queues', [
    `${CONSENSUS}/sync/gossip-outbox.ts`,
    'while (messages[0] !== undefined) {\n        if (!send(messages[0])) return false;\n        messages.shift();',
    'for (let next = messages.shift(); next !== undefined; next = messages.shift()) {\n        if (!send(next)) return false;',
  ]),
];
