import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { portableCrypto as crypto } from '../../crypto/portable.ts';
import type { CborObject } from '../../encoding/types.ts';
import { publicKeyToValue } from '../../ledger/public-key.ts';
import { signSeat } from '../../ledger/validator-proof.ts';
import { quorum } from '../../ledger/validators.ts';
import { PROPOSAL_BLOCKS_MAX, PROPOSALS_OPEN_MAX, ROTATION_PAUSE_MS } from '../../limits.ts';
import { createRuleBench, type RuleBench } from '../../testing/rule-bench.ts';
import { testSecret } from '../../testing/test-chain.ts';
import { payloadFromJson } from '../payload-json.ts';
import { getProposal, openProposals } from './proposal.ts';
import { getRules, RULES_KEY } from './rules-record.ts';
import { getValidators, VALIDATORS_KEY, validatorSetToValue } from './validator-set.ts';

const key = (name: string) => crypto.publicKeyOf(testSecret('ed25519', name));
const hash32 = new Uint8Array(32).fill(7);

/** A bench with so many members `m0`, `m1`, … and two accounts outside. */
function consortium(n = 4): RuleBench {
  const bench = createRuleBench();
  const ids = Array.from({ length: n }, (_, i) => `m${i}`);
  for (const id of ids) bench.addAccount(id, ['processor']);
  bench.addAccount('regulator', ['regulator']);
  bench.addAccount('outsider', ['grower']);
  bench.addAccount('newcomer', ['processor']);
  const members = ids.map((id) => ({ id, key: key(`${id} validator`) }));
  bench.put({ key: VALIDATORS_KEY, value: validatorSetToValue({ epoch: 0, from: 1, members }) });
  bench.put({ key: RULES_KEY, value: { version: 3, modules: [] } });
  return bench;
}

const seat = (bench: RuleBench, id: string, name = `${id} validator`) => {
  const { key: made, proof } = signSeat(crypto, testSecret('ed25519', name), {
    chainId: bench.chainId,
    id,
  });
  return { key: publicKeyToValue(made), proof };
};
const joining = (bench: RuleBench, id: string, name?: string): CborObject => {
  const { key: made, proof } = seat(bench, id, name);
  return { kind: 'join', validator: { id, key: made }, proof };
};
const upgrading = (bench: RuleBench, version: number, ahead: number, module = 'lots') => ({
  kind: 'upgrade',
  module,
  version,
  artifact: hash32,
  // The transaction stands in the next block.
  height: bench.height + 1 + ahead,
});
const propose = (bench: RuleBench, by: string, id: string, change: CborObject) =>
  bench.run(by, 'governance.propose', { id, change });
const approve = (bench: RuleBench, by: string, id: string) =>
  bench.run(by, 'governance.approve', { id });
const ids = (bench: RuleBench) => getValidators(bench.state).members.map((m) => m.id);

/** Proposed by m0, approved by as many as it takes. */
function decide(bench: RuleBench, id: string, change: CborObject): string {
  const members = ids(bench);
  const [first = '', ...others] = members;
  const refused = propose(bench, first, id, change);
  if (refused !== '') return refused;
  for (const member of others.slice(0, quorum(members.length) - 1)) {
    const code = approve(bench, member, id);
    if (code !== '') return code;
  }
  return '';
}

describe('a proposal', () => {
  it('takes effect with the approval that makes a quorum, and not before', () => {
    const bench = consortium();
    expect(propose(bench, 'm0', 'p-1', joining(bench, 'newcomer'))).toBe('');
    expect(approve(bench, 'm1', 'p-1')).toBe('');
    expect(ids(bench)).toHaveLength(4);
    expect(getProposal(bench.state, 'p-1')).toMatchObject({
      status: 'open',
      approvals: ['m0', 'm1'],
    });
    expect(openProposals(bench.state)).toEqual(['p-1']);
    const { events } = bench.must('m2', 'governance.approve', { id: 'p-1' });
    expect(events.map((e) => e.type)).toEqual([
      'governance.approved',
      'governance.accepted',
      'governance.validators-changed',
    ]);
    expect(getValidators(bench.state)).toMatchObject({ epoch: 1, from: bench.height + 1 });
    expect(ids(bench)).toEqual(['m0', 'm1', 'm2', 'm3', 'newcomer']);
    expect(getProposal(bench.state, 'p-1')).toMatchObject({ status: 'accepted' });
    expect(openProposals(bench.state)).toEqual([]);
    expect(approve(bench, 'm3', 'p-1')).toBe('governance/decided');
  });

  it('is made and approved by members alone, once by each', () => {
    const bench = consortium();
    const change = joining(bench, 'newcomer');
    expect(propose(bench, 'outsider', 'p-1', change)).toBe('governance/not-a-member');
    expect(propose(bench, 'regulator', 'p-1', change)).toBe('governance/not-a-member');
    expect(propose(bench, 'm0', 'p-1', change)).toBe('');
    expect(propose(bench, 'm1', 'p-1', change)).toBe('governance/exists');
    expect(approve(bench, 'm0', 'p-1')).toBe('governance/already-approved');
    expect(approve(bench, 'newcomer', 'p-1')).toBe('governance/not-a-member');
    expect(approve(bench, 'm1', 'p-2')).toBe('governance/unknown');
  });

  it('is withdrawn by its proposer', () => {
    const bench = consortium();
    propose(bench, 'm0', 'p-1', joining(bench, 'newcomer'));
    const withdraw = (by: string) => bench.run(by, 'governance.withdraw', { id: 'p-1' });
    expect(withdraw('m1')).toBe('governance/not-the-proposer');
    expect(withdraw('m0')).toBe('');
    expect(withdraw('m0')).toBe('governance/decided');
    expect(approve(bench, 'm1', 'p-1')).toBe('governance/decided');
    expect(openProposals(bench.state)).toEqual([]);
  });

  it('expires', () => {
    const bench = consortium();
    propose(bench, 'm0', 'p-1', joining(bench, 'newcomer'));
    const made = getProposal(bench.state, 'p-1');
    expect(made?.expires).toBe((made?.height ?? 0) + PROPOSAL_BLOCKS_MAX);
    bench.put({ key: 'proposals/p-1', value: { ...made, expires: bench.height } as never });
    expect(approve(bench, 'm1', 'p-1')).toBe('governance/expired');
    expect(bench.run('m0', 'governance.withdraw', { id: 'p-1' })).toBe('governance/expired');
    // The next proposal makes room.
    expect(propose(bench, 'm1', 'p-2', joining(bench, 'newcomer'))).toBe('');
    expect(openProposals(bench.state)).toEqual(['p-2']);
    expect(getProposal(bench.state, 'p-1')?.status).toBe('expired');
  });

  it('leaves room for those of the others', () => {
    const bench = consortium();
    const many = (by: string) => {
      let n = 0;
      while (propose(bench, by, `${by}-${n}`, { kind: 'remove', id: 'm3' }) === '') n += 1;
      return n;
    };
    expect(['m0', 'm1', 'm2', 'm3'].map(many)).toEqual([8, 8, 8, 8]);
    expect(openProposals(bench.state)).toHaveLength(PROPOSALS_OPEN_MAX);
    expect(propose(bench, 'm1', 'p-0', { kind: 'remove', id: 'm3' })).toBe(
      'governance/too-many-open',
    );
    expect(bench.run('m0', 'governance.withdraw', { id: 'm0-3' })).toBe('');
    expect(propose(bench, 'm0', 'p-0', { kind: 'remove', id: 'm3' })).toBe('');
  });

  it('counts the members of now, and is asked again where fewer are needed since', () => {
    const bench = consortium(5);
    propose(bench, 'm0', 'join', joining(bench, 'newcomer'));
    approve(bench, 'm1', 'join');
    approve(bench, 'm4', 'join');
    expect(decide(bench, 'out', { kind: 'remove', id: 'm4' })).toBe('');
    // m4's word is gone with it: two of four.
    expect(approve(bench, 'm1', 'join')).toBe('governance/already-approved');
    expect(approve(bench, 'm2', 'join')).toBe('');
    expect(ids(bench)).toContain('newcomer');

    const other = consortium(5);
    propose(other, 'm0', 'join', joining(other, 'newcomer'));
    approve(other, 'm1', 'join');
    approve(other, 'm2', 'join');
    expect(decide(other, 'out', { kind: 'remove', id: 'm4' })).toBe('');
    expect(ids(other)).not.toContain('newcomer');
    expect(approve(other, 'm1', 'join')).toBe('');
    expect(ids(other)).toContain('newcomer');
  });
});

describe('a change of the set', () => {
  it('needs an active account, a fresh key of the right suite and its signature', () => {
    const bench = consortium();
    const of = (change: CborObject) => propose(bench, 'm0', 'p-1', change);
    const good = joining(bench, 'newcomer') as { validator: CborObject; proof: Uint8Array };
    expect(of(joining(bench, 'nobody'))).toBe('accounts/unknown');
    expect(of(joining(bench, 'm2', 'another'))).toBe('governance/already-a-member');
    expect(of(joining(bench, 'newcomer', 'm2 validator'))).toBe('governance/used-key');
    const sm2 = signSeat(crypto, testSecret('sm2', 'newcomer'), {
      chainId: bench.chainId,
      id: 'newcomer',
    });
    const validator = { id: 'newcomer', key: publicKeyToValue(sm2.key) };
    expect(of({ kind: 'join', validator, proof: sm2.proof })).toBe('governance/wrong-suite');
    const bent = good.proof.slice();
    bent[5] = (bent[5] ?? 0) ^ 1;
    expect(of({ ...good, proof: bent })).toBe('governance/bad-proof');
    const stolen = joining(bench, 'outsider') as { proof: Uint8Array };
    expect(of({ ...good, proof: stolen.proof })).toBe('governance/bad-proof');
    const elsewhere = signSeat(crypto, testSecret('ed25519', 'newcomer validator'), {
      chainId: hash32,
      id: 'newcomer',
    });
    expect(of({ ...good, proof: elsewhere.proof })).toBe('governance/bad-proof');
    bench.must('regulator', 'accounts.set-status', { id: 'newcomer', status: 'frozen' });
    expect(of(joining(bench, 'newcomer'))).toBe('governance/frozen');
  });

  it('is judged again when it takes effect', () => {
    const bench = consortium();
    propose(bench, 'm0', 'p-1', joining(bench, 'newcomer'));
    propose(bench, 'm1', 'p-2', joining(bench, 'newcomer'));
    for (const by of ['m1', 'm2']) expect(approve(bench, by, 'p-1')).toBe('');
    for (const by of ['m0', 'm2'])
      expect(approve(bench, by, 'p-2')).toBe('governance/already-a-member');
    propose(bench, 'm0', 'p-3', { kind: 'remove', id: 'newcomer' });
    propose(bench, 'm0', 'p-4', { kind: 'remove', id: 'newcomer' });
    for (const by of ['m1', 'm2', 'm3']) expect(approve(bench, by, 'p-3')).toBe('');
    expect(approve(bench, 'm1', 'p-4')).toBe('governance/not-a-member');
  });

  it('retires the key for good', () => {
    const bench = consortium(5);
    expect(decide(bench, 'out', { kind: 'remove', id: 'm4' })).toBe('');
    expect(decide(bench, 'again', joining(bench, 'm4'))).toBe('governance/used-key');
    expect(decide(bench, 'again-2', joining(bench, 'm4', 'm4 second'))).toBe('');
    expect(getValidators(bench.state).epoch).toBe(2);
    const own = bench.run('m0', 'governance.rotate', seat(bench, 'm0', 'm0 second'));
    expect(own).toBe('');
    bench.advance(ROTATION_PAUSE_MS);
    expect(bench.run('m0', 'governance.rotate', seat(bench, 'm0'))).toBe('governance/used-key');
    expect(bench.run('m1', 'governance.rotate', seat(bench, 'm1', 'm0 second'))).toBe(
      'governance/used-key',
    );
  });

  it('by rotation keeps the seat, is for members, and comes once in 30 days', () => {
    const bench = consortium();
    const rotate = (id: string, name: string) =>
      bench.run(id, 'governance.rotate', seat(bench, id, name));
    expect(rotate('outsider', 'x')).toBe('governance/not-a-member');
    expect(bench.run('m1', 'governance.rotate', seat(bench, 'm2', 'x'))).toBe(
      'governance/bad-proof',
    );
    expect(rotate('m1', 'm1 second')).toBe('');
    expect(ids(bench)).toEqual(['m0', 'm1', 'm2', 'm3']);
    expect(getValidators(bench.state).members[1]?.key).toEqual(key('m1 second'));
    expect(rotate('m1', 'm1 third')).toBe('governance/rotated-lately');
    expect(rotate('m2', 'm2 second')).toBe('');
    bench.advance(ROTATION_PAUSE_MS);
    expect(rotate('m1', 'm1 third')).toBe('');
    expect(getValidators(bench.state).epoch).toBe(3);
  });

  it('lets a member leave while four remain, and the last one never go', () => {
    const bench = consortium(5);
    const leave = (by: string) => bench.run(by, 'governance.leave', {});
    expect(leave('outsider')).toBe('governance/not-a-member');
    expect(leave('m2')).toBe('');
    expect(ids(bench)).toEqual(['m0', 'm1', 'm3', 'm4']);
    expect(leave('m0')).toBe('governance/too-few-left');
    expect(decide(bench, 'out', { kind: 'remove', id: 'm0' })).toBe('');
    const alone = consortium(1);
    expect(propose(alone, 'm0', 'p-0', { kind: 'remove', id: 'm0' })).toBe(
      'governance/last-member',
    );
    expect(propose(alone, 'm0', 'p-0', joining(alone, 'newcomer'))).toBe('');
    expect(ids(alone)).toEqual(['m0', 'newcomer']);
  });

  it('comes once a block, even in one batch', () => {
    const bench = consortium(6);
    const calls = [
      { module: 'governance', action: 'leave', payload: {} },
      { module: 'governance', action: 'rotate', payload: seat(bench, 'm0', 'm0 second') },
    ];
    // In one block a second member's change finds the set changed: the record says so.
    const { from } = getValidators(bench.state);
    expect(from).toBe(1);
    expect(bench.run('m0', 'batch.run', { calls })).toBe('governance/not-a-member');
    const set = getValidators(bench.state);
    bench.put({
      key: VALIDATORS_KEY,
      value: validatorSetToValue({ ...set, epoch: 1, from: bench.height + 2 }),
    });
    const fork = bench.fork();
    expect(bench.run('m1', 'governance.leave', {})).toBe('governance/one-change-a-block');
    expect(bench.run('m1', 'governance.leave', {})).toBe('');
    // Proposals that change nothing yet pass all the same.
    expect(propose(fork, 'm1', 'p-1', { kind: 'remove', id: 'm2' })).toBe('');
  });

  it('stays with a quorum: no regulator takes the key of a member', () => {
    const bench = consortium();
    const other = { suite: 'ed25519', key: key('other').bytes };
    const set = (id: string) => bench.run('regulator', 'accounts.set-key', { id, key: other });
    expect(set('m1')).toBe('accounts/member-key');
    expect(set('outsider')).toBe('');
    expect(bench.run('m1', 'accounts.set-key', { id: 'm1', key: other })).toBe('');
  });

  it('by any members in any order keeps ids and keys apart, and an epoch for each', () => {
    const step = fc.record({
      how: fc.constantFrom('join', 'remove', 'rotate', 'leave'),
      who: fc.nat(7),
      name: fc.nat(11),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const bench = consortium(5);
        for (const n of [5, 6, 7]) bench.addAccount(`m${n}`, ['processor']);
        const used = new Set(getValidators(bench.state).members.map((m) => m.key.bytes.join()));
        steps.forEach(({ how, who, name }, i) => {
          const before = getValidators(bench.state);
          const id = `m${who}`;
          bench.advance(ROTATION_PAUSE_MS);
          if (how === 'join') decide(bench, `p-${i}`, joining(bench, id, `key ${name}`));
          else if (how === 'remove') decide(bench, `p-${i}`, { kind: 'remove', id });
          else if (how === 'leave') bench.run(id, 'governance.leave', {});
          else bench.run(id, 'governance.rotate', seat(bench, id, `key ${name}`));
          const after = getValidators(bench.state);
          const fresh = after.members.filter(
            (m) => !before.members.some((b) => b.key.bytes.join() === m.key.bytes.join()),
          );
          for (const m of fresh) expect(used.has(m.key.bytes.join())).toBe(false);
          for (const m of fresh) used.add(m.key.bytes.join());
          const changed = JSON.stringify(after.members) !== JSON.stringify(before.members);
          expect(after.epoch).toBe(before.epoch + (changed ? 1 : 0));
          if (changed) expect(after.from).toBe(bench.height + 1);
        });
      }),
      { numRuns: 25 },
    );
  });
});

describe('an upgrade', () => {
  it('is kept until its height, with what was agreed on', () => {
    const bench = consortium();
    const change = upgrading(bench, 2, 200);
    expect(decide(bench, 'up', change)).toBe('');
    const { height } = change;
    expect(getRules(bench.state)).toEqual({
      version: 3,
      modules: [],
      next: [{ module: 'lots', version: 2, artifact: hash32, height, proposal: 'up' }],
    });
  });

  it('is the next version, after the one before it, in time and not too far off', () => {
    const bench = consortium();
    const of = (version: number, ahead: number, module?: string) =>
      propose(bench, 'm0', 'p-0', upgrading(bench, version, ahead, module));
    expect(of(1, 200)).toBe('governance/wrong-version');
    expect(of(3, 200)).toBe('governance/wrong-version');
    expect(of(2, 99)).toBe('governance/too-soon');
    expect(of(2, 1_000_001)).toBe('governance/too-late');
    expect(decide(bench, 'first', upgrading(bench, 2, 500))).toBe('');
    const { height } = getRules(bench.state).next?.[0] ?? { height: 0 };
    expect(of(2, 600)).toBe('governance/wrong-version');
    expect(of(3, height - bench.height - 1)).toBe('governance/too-soon');
    expect(decide(bench, 'other', upgrading(bench, 2, 300, 'brand-new'))).toBe('');
    expect(decide(bench, 'second', upgrading(bench, 3, height - bench.height))).toBe('');
    expect(getRules(bench.state).next?.map(({ proposal }) => proposal)).toEqual([
      'other',
      'first',
      'second',
    ]);
  });

  it('that finds its quorum too late is not taken', () => {
    const bench = consortium();
    expect(propose(bench, 'm0', 'up', upgrading(bench, 2, 101))).toBe('');
    expect(approve(bench, 'm1', 'up')).toBe('');
    expect(approve(bench, 'm2', 'up')).toBe('governance/too-soon');
    expect(getRules(bench.state).next).toBeUndefined();
  });

  it('is one of eight that wait', () => {
    const bench = consortium(1);
    for (let n = 0; n < 8; n += 1) {
      expect(
        propose(bench, 'm0', `up-${n}`, upgrading(bench, 2, 200, `mod-${'abcdefgh'[n]}`)),
      ).toBe('');
    }
    const one = upgrading(bench, 2, 200);
    expect(propose(bench, 'm0', 'up-8', one)).toBe('governance/too-many-upgrades');
  });

  it('can be cancelled, the last version first', () => {
    const bench = consortium();
    decide(bench, 'two', upgrading(bench, 2, 200));
    decide(bench, 'three', upgrading(bench, 3, 400));
    const cancel = (id: string, upgrade: string) => decide(bench, id, { kind: 'cancel', upgrade });
    expect(cancel('c-1', 'two')).toBe('governance/not-the-last');
    expect(cancel('c-2', 'four')).toBe('governance/unknown-upgrade');
    expect(cancel('c-3', 'three')).toBe('');
    expect(cancel('c-4', 'two')).toBe('');
    expect(getRules(bench.state)).toEqual({ version: 3, modules: [] });
  });
});

describe('a payload of governance', () => {
  it('is refused when it is none', () => {
    const bench = consortium();
    const good = joining(bench, 'newcomer');
    const bad: CborObject[] = [
      {},
      { kind: 'conquer' },
      { ...good, kind: 'remove' },
      { ...good, more: 1 },
      { kind: 'remove' },
      { kind: 'remove', id: '../m1' },
      { kind: 'upgrade', module: 'lots', version: 2, artifact: new Uint8Array(31), height: 500 },
      { kind: 'upgrade', module: 'lots/x', version: 2, artifact: hash32, height: 500 },
      { kind: 'cancel', upgrade: '' },
    ];
    for (const change of bad) expect(propose(bench, 'm0', 'p-0', change)).toBe('rules/bad-payload');
    expect(propose(bench, 'm0', '', good)).toBe('rules/bad-payload');
    expect(bench.run('m0', 'governance.leave', { id: 'm1' })).toBe('rules/bad-payload');
    expect(openProposals(bench.state)).toEqual([]);
  });

  it('is written in JSON with bytes in hex, by its kind', () => {
    const artifact = '07'.repeat(32);
    const change = { kind: 'upgrade', module: 'lots', version: 2, artifact, height: 500 };
    expect(payloadFromJson('governance', 'propose', { id: 'up', change })).toEqual({
      id: 'up',
      change: { ...change, artifact: hash32 },
    });
    const hex = { suite: 'ed25519', key: '01'.repeat(32) };
    const join = { kind: 'join', validator: { id: 'x1', key: hex }, proof: '02'.repeat(64) };
    expect(payloadFromJson('governance', 'propose', { id: 'p-0', change: join })).toMatchObject({
      change: {
        validator: { key: { key: new Uint8Array(32).fill(1) } },
        proof: new Uint8Array(64).fill(2),
      },
    });
  });

  it('meets a state without a consortium with a code', () => {
    const bench = createRuleBench();
    bench.addAccount('m0', ['processor']);
    expect(bench.run('m0', 'governance.leave', {})).toBe('ledger/bad-validators');
  });
});
