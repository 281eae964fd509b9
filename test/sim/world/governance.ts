// Members join, leave, are removed and change their keys while the run goes on; and the rules change at a height.

import {
  type CborObject,
  decodeHeader,
  publicKeyToValue,
  quorum,
  RULE_MODULES,
  RULES_VERSION,
  type RuleModule,
  type RuleRegistry,
} from '@suyuan/contracts';
import { Violation } from '../invariants/violation.ts';
import type { Prng } from '../kernel/prng.ts';
import type { SignedTx } from './ledger.ts';
import type { Machine } from './machine.ts';
import type { World } from './world.ts';

const LOOK_MS = 100;
/** Blocks between the approval of an upgrade and its height. */
const NOTICE_BLOCKS = 2;
const VALID_BLOCKS = 1000;

export const OLD_PROGRAM: RuleRegistry = { modules: RULE_MODULES, noticeBlocks: NOTICE_BLOCKS };
export const NEW_PROGRAM: RuleRegistry = {
  modules: [...RULE_MODULES, upgraded(RULE_MODULES.find(({ name }) => name === 'accounts')!)],
  noticeBlocks: NOTICE_BLOCKS,
};

/** The next version says one word more, so that a block of it is another one under the old rules. */
function upgraded(module: RuleModule): RuleModule {
  const old = module.actions['set-contact']!;
  return {
    ...module,
    version: module.version + 1,
    actions: {
      ...module.actions,
      'set-contact': {
        ...old,
        apply(state, payload, ctx) {
          const { writes, events } = old.apply(state, payload, ctx);
          return { writes, events: [...events, { type: 'accounts.new', data: {} }] };
        },
      },
    },
  };
}

export interface Governance {
  join(machine: Machine): void;
  leave(machine: Machine): void;
  remove(machine: Machine): void;
  rotate(machine: Machine): void;
  upgrade(): void;
  /** Height from which the new rules hold; undefined while they are not agreed. */
  readonly upgradeHeight: number | undefined;
}

export function createGovernance(world: World, random: Prng): Governance {
  const { scheduler, machines, clients, oracle, ledger, crypto, trace } = world;
  let proposals = 0;
  let upgradeHeight: number | undefined;

  const members = () => oracle.newest().validators.map(({ id }) => id);

  function hand(signer: string, action: string, payload: CborObject): SignedTx {
    const tx = ledger.sign(signer, `governance.${action}`, payload, oracle.height + VALID_BLOCKS);
    const up = machines.filter((machine) => machine.state === 'up' && !machine.hostile);
    trace.note('governance', 0, 0, () => `${signer} ${action} ${tx.id.slice(0, 8)}`);
    if (up.length > 0) clients.send(tx, random.pick(up));
    else clients.keep(tx);
    return tx;
  }

  /** Goes on when the transaction has done its work; two changes in one block are too many. */
  function then(tx: SignedTx, act: (height: number) => void): void {
    scheduler.after(LOOK_MS, () => {
      const height = oracle.heightOf(tx.id);
      if (height === undefined) then(tx, act);
      else if (!oracle.isRefused(tx.id)) act(height);
    });
  }

  /** Proposed by one member, approved by as many as are needed. */
  function agree(change: CborObject, done: (height: number, sure: boolean) => void): void {
    const id = `p-${proposals++}`;
    const voters = random.shuffle(members());
    const { epoch } = oracle.newest();
    const first = hand(voters[0]!, 'propose', { id, change });
    const approvals = voters.slice(1, quorum(voters.length));
    const next = (height: number): void => {
      const voter = approvals.shift();
      // Where the set has changed meanwhile these may be too few, or more than were needed.
      if (voter === undefined) done(height, oracle.epochOf(height) === epoch);
      else then(hand(voter, 'approve', { id }), next);
    };
    then(first, next);
  }

  return {
    get upgradeHeight() {
      return upgradeHeight;
    },
    join(machine) {
      machine.used = true;
      machine.start();
      const secret = machine.secret();
      const key = publicKeyToValue(crypto.publicKeyOf(secret));
      const proof = ledger.proofOf(machine.id, secret);
      agree({ kind: 'join', validator: { id: machine.id, key }, proof }, () => {});
    },
    leave: (machine) => void hand(machine.id, 'leave', {}),
    remove: (machine) => agree({ kind: 'remove', id: machine.id }, () => {}),
    rotate(machine) {
      const generation = machine.generation + 1;
      const secret = ledger.keyOf(machine.id, generation);
      const key = publicKeyToValue(crypto.publicKeyOf(secret));
      const tx = hand(machine.id, 'rotate', { key, proof: ledger.proofOf(machine.id, secret) });
      then(tx, () => {
        // Its keeper starts it anew with the new key and a guard file of its own.
        machine.die('kill');
        machine.generation = generation;
        machine.start();
      });
    },
    upgrade() {
      const height = oracle.height + random.int(7, 12);
      const change = {
        kind: 'upgrade',
        module: 'accounts',
        version: 2,
        artifact: new Uint8Array(32).fill(5),
        height,
      };
      agree(change, (at, sure) => {
        if (sure && at + NOTICE_BLOCKS <= height) upgradeHeight = height;
        else scheduler.after(LOOK_MS, this.upgrade.bind(this));
      });
    },
  };
}

/** A node without the new rules stops before their height and says so; then its keeper installs them. */
export function watchPrograms(world: World, governance: Governance, random: Prng): void {
  const { scheduler, machines, oracle } = world;
  world.onStep = (machine) => {
    const from = governance.upgradeHeight;
    if (from !== undefined && oracle.at(from)?.header.rules === RULES_VERSION)
      throw new Violation(
        'upgrade',
        `block ${from} keeps the old rules, though new ones are agreed`,
      );
    const node = machine.node();
    if (node === undefined || machine.program !== OLD_PROGRAM) return;
    const height = node.ledger.height();
    const block =
      height === 0 ? undefined : machine.disk.watch(() => node.ledger.host.block(height));
    if (block === undefined) return;
    const { rules } = decodeHeader(block.header);
    if (rules === RULES_VERSION) return;
    throw new Violation(
      'upgrade',
      `node ${machine.instance} has block ${height} of rules ${rules}, which its program lacks`,
    );
  };
  const look = (): void => {
    for (const machine of machines) {
      const failure = machine.node()?.ledger.failure();
      if (failure?.code !== 'node/missing-rules' || machine.program !== OLD_PROGRAM) continue;
      machine.program = NEW_PROGRAM;
      scheduler.after(random.int(100, 3000), () => {
        machine.die('kill');
        machine.start();
      });
    }
    scheduler.after(LOOK_MS, look);
  };
  look();
}
