import Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { decodeHeader } from '../ledger/header.ts';
import { codeOf } from '../testing/hostile.ts';
import { createTestChain } from '../testing/test-chain.ts';
import { getRules, RULES_KEY } from './governance/rules-record.ts';
import { payloadFromJson } from './payload-json.ts';
import { BASE_RULES, findAction, RULE_MODULES, RULES_VERSION } from './registry.ts';
import { Closed } from './schema.ts';
import { defineAction, type RuleModule } from './types.ts';
import { type RuleRegistry, rulesAt } from './versions.ts';

const artifact = new Uint8Array(32).fill(9);

/** A module that says which version of it ran. */
const speaking = (name: string, version: number, more: Partial<RuleModule> = {}): RuleModule => ({
  name,
  version,
  actions: {
    speak: defineAction(Closed({ word: Type.Optional(Type.String({ maxLength: 9 })) }), () => ({
      writes: [{ key: `spoken/${name}`, value: version }],
      events: [{ type: `${name}.spoken`, data: { version } }],
    })),
  },
  ...more,
});
const registry = (...modules: RuleModule[]): RuleRegistry => ({
  modules: [...RULE_MODULES, ...modules],
  noticeBlocks: 3,
});
const upgrade = (module: string, version: number, height: number) =>
  ({ kind: 'upgrade', module, version, artifact, height }) as const;
const rulesOf = (header: Uint8Array) => decodeHeader(header).rules;

describe('an upgrade of the rules', () => {
  it('comes into force at its height, in a block that may be empty, and the header says so', () => {
    const chain = createTestChain({ registry: registry(speaking('talk', 2)) });
    const at = chain.height + 10;
    chain.decide(upgrade('talk', 2, at));
    expect(chain.run('bureau', 'talk', 'speak', {}).code).toBe('rules/unknown-module');
    while (chain.height < at - 1) chain.empty();
    expect(rulesOf(chain.head.header)).toBe(RULES_VERSION);
    chain.empty();
    expect(chain.height).toBe(at);
    expect(rulesOf(chain.head.header)).toBe(RULES_VERSION + 1);
    expect(getRules(chain.state)).toEqual({
      version: RULES_VERSION + 1,
      modules: [{ module: 'talk', version: 2, artifact, height: at }],
    });
    chain.must('bureau', 'talk', 'speak', {});
    expect(chain.value('spoken/talk')).toBe(2);
    expect(rulesOf(chain.head.header)).toBe(RULES_VERSION + 1);
  });

  it('replaces a version for the block at its height already, in a batch too', () => {
    const two = speaking('cases', 2);
    const chain = createTestChain({ registry: registry(two, speaking('cases', 3)) });
    const at = chain.height + 12;
    chain.decide(upgrade('cases', 2, at));
    chain.decide(upgrade('cases', 3, at + 2));
    while (chain.height < at - 1) chain.empty();
    chain.must('bureau', 'cases', 'speak', {});
    expect(chain.value('spoken/cases')).toBe(2);
    expect(chain.run('bureau', 'cases', 'refute', {}).code).toBe('rules/unknown-action');
    const calls = [{ module: 'cases', action: 'speak', payload: {} }];
    chain.empty();
    chain.must('bureau', 'batch', 'run', { calls });
    expect(chain.value('spoken/cases')).toBe(3);
    expect(rulesOf(chain.head.header)).toBe(RULES_VERSION + 2);
  });

  it('reads payloads in JSON by the schema in force', () => {
    const state = {
      get: () => ({ version: 4, modules: [{ module: 'talk', version: 2, artifact, height: 5 }] }),
    };
    const { active } = rulesAt(registry(speaking('talk', 2)), state, 9);
    expect(payloadFromJson('talk', 'speak', { word: 'a' }, active)).toEqual({ word: 'a' });
    const calls = [{ module: 'talk', action: 'speak', payload: {} }];
    expect(payloadFromJson('batch', 'run', { calls }, active)).toEqual({ calls });
    expect(codeOf(() => payloadFromJson('talk', 'speak', {}))).toBe('rules/unknown-module');
  });

  it('of two modules at one height is one version of the rules', () => {
    const chain = createTestChain({ registry: registry(speaking('one', 2), speaking('two', 2)) });
    const at = chain.height + 15;
    chain.decide(upgrade('two', 2, at));
    chain.decide(upgrade('one', 2, at));
    while (chain.height < at) chain.empty();
    expect(rulesOf(chain.head.header)).toBe(RULES_VERSION + 1);
    expect(getRules(chain.state).modules.map(({ module }) => module)).toEqual(['one', 'two']);
    expect(getRules(chain.state).next).toBeUndefined();
  });

  it('stops a program that lacks it, at its height and ever after', () => {
    const chain = createTestChain({ registry: registry() });
    const at = chain.height + 10;
    chain.decide(upgrade('talk', 2, at));
    while (chain.height < at - 1) chain.empty();
    const stopped = () => rulesAt(registry(), chain.state, at);
    expect(codeOf(stopped)).toBe('rules/missing-version');
    expect(detailsOf(stopped)).toEqual({
      module: 'talk',
      version: 2,
      artifact: '09'.repeat(32),
      height: at,
    });
    expect(codeOf(chain.empty)).toBe('rules/missing-version');
    // One that starts on a state that has gone on.
    const { writes } = rulesAt(registry(speaking('talk', 2)), chain.state, at);
    const later = { get: (key: string) => writes.find((w) => w.key === key)?.value ?? undefined };
    expect(codeOf(() => rulesAt(registry(), later, at + 5))).toBe('rules/missing-version');
    expect(detailsOf(() => rulesAt(registry(), later, at + 5))).toMatchObject({ height: at });
  });

  it('is not another artifact of the same number', () => {
    const at = 50;
    const state = {
      get: (key: string) =>
        key === RULES_KEY
          ? { version: 3, modules: [{ module: 'talk', version: 2, artifact, height: at }] }
          : undefined,
    };
    const run = (own: Uint8Array) =>
      codeOf(() => rulesAt(registry(speaking('talk', 2, { artifact: own })), state, 60));
    expect(run(artifact)).toBeUndefined();
    expect(run(new Uint8Array(32))).toBe('rules/other-artifact');
  });

  it('writes nothing before its height, and what is in force stays as it is', () => {
    const chain = createTestChain({ registry: registry(speaking('talk', 2)) });
    const at = chain.height + 10;
    chain.decide(upgrade('talk', 2, at));
    const before = rulesAt(registry(), chain.state, at - 1);
    expect(before.writes).toEqual([]);
    expect([...before.active.modules.keys()]).toEqual([...BASE_RULES.modules.keys()]);
    expect(before.active.version).toBe(BASE_RULES.version);
    // Old blocks run under old rules on a program that has both.
    const first = rulesAt(registry(speaking('cases', 2)), chain.state, 1).active;
    expect(findAction('cases', 'refute', first)).toBe(findAction('cases', 'refute'));
  });

  it('needs a state that says which rules are in force', () => {
    const empty = { get: () => undefined };
    expect(codeOf(() => rulesAt(registry(), empty, 1))).toBe('rules/no-record');
  });
});

function detailsOf(body: () => unknown): unknown {
  try {
    body();
  } catch (error) {
    if (error instanceof AppError) return error.details;
  }
  return undefined;
}

describe('the modules of a new ledger', () => {
  it('are each there once, in version 1', () => {
    const names = RULE_MODULES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect([...BASE_RULES.modules.keys()]).toEqual(names);
  });
});
