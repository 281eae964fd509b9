// A ledger in memory for tests and examples: real signatures, rules, trees and certificates, no disk and no clock. The keys
// are derived from names, so that examples are the same on every machine; they guard nothing.

import { portableCrypto } from '../crypto/portable.ts';
import type { CryptoProvider, Hash, SecretKey, SuiteName } from '../crypto/types.ts';
import { equalBytes, utf8ToBytes } from '../encoding/bytes.ts';
import { decodeCbor, encodeCbor } from '../encoding/cbor.ts';
import type { CborObject, CborValue } from '../encoding/types.ts';
import type { Account, Role } from '../ledger/account.ts';
import { encodeReceipt, type Receipt } from '../ledger/block.ts';
import { encodeCertificate, encodeVote } from '../ledger/certificate.ts';
import { encodeGenesis, openGenesis } from '../ledger/genesis.ts';
import { blockHash, encodeHeader } from '../ledger/header.ts';
import type { CertifiedHeader, EpochEnd } from '../ledger/light-client.ts';
import { type Profile, validatorSuite } from '../ledger/profile.ts';
import { publicKeyToValue } from '../ledger/public-key.ts';
import { decodeTx, encodeTx, txId } from '../ledger/tx.ts';
import { signSeat } from '../ledger/validator-proof.ts';
import { quorum, type Validator, validatorsHash } from '../ledger/validators.ts';
import { leafHash } from '../merkle/log-hash.ts';
import { inclusionProof } from '../merkle/log-proof.ts';
import { logRoot } from '../merkle/log-tree.ts';
import { EMPTY_SUBTREE, type StateNode, statePath, stateValueHash } from '../merkle/state-node.ts';
import { proveState } from '../merkle/state-proof.ts';
import { updateStateTree } from '../merkle/state-tree.ts';
import type { PackedBatch, StateEntry } from '../provenance/bundle.ts';
import { executeTx, genesisState } from '../rules/execute.ts';
import type { Change } from '../rules/governance/proposal.ts';
import { getValidators } from '../rules/governance/validator-set.ts';
import { RULE_REGISTRY, RULES_VERSION } from '../rules/registry.ts';
import type { LedgerState, StateWrite } from '../rules/types.ts';
import { type RuleRegistry, rulesAt } from '../rules/versions.ts';

/** A secret that anyone can compute from its name. */
export function testSecret(suite: SuiteName, name: string): SecretKey {
  const secret = portableCrypto.hash('sha256')(utf8ToBytes(`suyuan test key ${suite} ${name}`));
  return { suite, secret };
}

interface AnchoredBatch {
  readonly gateway: string;
  readonly leaf: Uint8Array;
  readonly packs: readonly Uint8Array[];
}

export interface TestChainOptions {
  readonly profile?: Profile;
  readonly crypto?: CryptoProvider;
  readonly time_ms?: number;
  readonly registry?: RuleRegistry;
}

const VALIDATOR_ROLES: readonly (readonly [id: string, role: Role])[] = [
  ['association', 'association'],
  ['regulator', 'regulator'],
  ['bureau', 'bureau'],
  ['carrier', 'carrier'],
];

export type TestChain = ReturnType<typeof createTestChain>;

/** A chain of four validators whose accounts are those of `VALIDATOR_ROLES`; every transaction is one block. */
export function createTestChain(options: TestChainOptions = {}) {
  const crypto = options.crypto ?? portableCrypto;
  const profile = options.profile ?? 'international';
  const suite = validatorSuite(profile);
  const secrets = new Map<string, SecretKey>();
  const keyOf = (id: string): SecretKey => {
    const secret = secrets.get(id) ?? testSecret(suite, id);
    secrets.set(id, secret);
    return secret;
  };
  /** Those that have another validator key than their account's. */
  const validatorSecrets = new Map<string, SecretKey>();
  const validatorKeyOf = (id: string): SecretKey => validatorSecrets.get(id) ?? keyOf(id);
  const toValidator = (id: string): Validator => ({ id, key: crypto.publicKeyOf(keyOf(id)) });
  let validators: readonly Validator[] = VALIDATOR_ROLES.map(([id]) => toValidator(id));
  const registry = options.registry ?? RULE_REGISTRY;
  let time_ms = options.time_ms ?? 1_760_000_000_000;
  const genesis = encodeGenesis({
    name: 'test',
    profile,
    time_ms,
    rules: RULES_VERSION,
    validators,
    accounts: VALIDATOR_ROLES.map(
      ([id, role]): Account => ({
        id,
        roles: [role],
        name: { zh: id, en: id },
        key: crypto.publicKeyOf(keyOf(id)),
        status: 'active',
      }),
    ),
  });
  const { hash, chainId, genesis: decoded } = openGenesis(crypto, genesis);

  const values = new Map<string, Uint8Array>();
  const nodes = new Map<string, StateNode>();
  const nodeKey = (position: Uint8Array) => position.join();
  const readNode = (position: Uint8Array) => nodes.get(nodeKey(position));
  let stateRoot: Uint8Array = EMPTY_SUBTREE;
  const scopes = new Map<string, ReadonlySet<string>>();
  const state: LedgerState = {
    get: (key) => {
      const bytes = values.get(key);
      return bytes === undefined ? undefined : decodeCbor(bytes);
    },
    inScope: (recall, key) => scopes.get(recall)?.has(key) === true,
  };
  function write(writes: readonly StateWrite[]): void {
    for (const { key, value } of writes) {
      if (value === null) values.delete(key);
      else values.set(key, encodeCbor(value));
    }
    const last = new Map(writes.map((w) => [w.key, w]));
    const update = updateStateTree(
      hash,
      readNode,
      [...last.values()].map(({ key, value }) => ({
        path: statePath(hash, key),
        valueHash: value === null ? null : stateValueHash(hash, encodeCbor(value)),
      })),
    );
    for (const { position, node } of update.writes) {
      if (node === null) nodes.delete(nodeKey(position));
      else nodes.set(nodeKey(position), node);
    }
    stateRoot = update.root;
  }
  write(genesisState(decoded));

  let height = 0;
  let previous = chainId;
  let epoch = 0;
  let nonce = 0;
  const ended: EpochEnd[] = [];
  const batches: AnchoredBatch[] = [];

  function seal(
    txs: readonly Uint8Array[],
    receipts: readonly Uint8Array[],
    rules: number,
  ): CertifiedHeader {
    height += 1;
    time_ms += 1;
    const next = getValidators(state).members;
    const header = encodeHeader({
      chainId,
      height,
      previous,
      time_ms,
      proposer: validators[0]?.id ?? '',
      txRoot: logRoot(
        hash,
        txs.map((tx) => leafHash(hash, tx)),
      ),
      receiptRoot: logRoot(
        hash,
        receipts.map((r) => leafHash(hash, r)),
      ),
      stateRoot,
      validators: validatorsHash(hash, validators),
      nextValidators: validatorsHash(hash, next),
      rules,
    });
    previous = blockHash(hash, header);
    const sealed = { header, certificate: certify(header) };
    if (!equalBytes(validatorsHash(hash, validators), validatorsHash(hash, next))) {
      ended.push({ ...sealed, next });
      validators = next;
      epoch += 1;
    }
    return sealed;
  }

  function certify(header: Uint8Array, signers = quorum(validators.length)): Uint8Array {
    const vote = { chainId, epoch, slot: height, blockHash: blockHash(hash, header) };
    const signatures = validators.slice(0, signers).map((v, validator) => ({
      validator,
      signature: crypto.sign(validatorKeyOf(v.id), encodeVote(vote)),
    }));
    return encodeCertificate({ ...vote, signatures });
  }

  /** What an upgrade whose height has come writes, and the rules then in force. */
  function begin() {
    const { active, writes } = rulesAt(registry, state, height + 1);
    write(writes);
    return active;
  }

  /** A block without transactions. */
  function empty(): void {
    head = seal([], [], begin().version);
  }

  let head = seal([], [], RULES_VERSION);

  /** Signs and runs one transaction in a block of its own. */
  function run(signer: string, module: string, action: string, payload: CborObject): Receipt {
    nonce += 1;
    const idempotencyKey = hash(utf8ToBytes(`nonce ${nonce}`)).subarray(0, 16);
    const tx = decodeTx(
      encodeTx(crypto, {
        secret: keyOf(signer),
        signer,
        chainId,
        module,
        action,
        payload,
        idempotencyKey,
        validUntilHeight: height + 100,
      }),
    );
    const rules = begin();
    const ctx = {
      rules,
      hash,
      crypto,
      chainId,
      height: height + 1,
      time_ms: time_ms + 1,
      txId: txId(hash, tx),
    };
    const executed = executeTx(state, tx, ctx);
    const { receipt, writes } = executed;
    write(writes);
    for (const { recall, lots } of executed.scopes) {
      if (lots === null) scopes.delete(recall);
      else scopes.set(recall, new Set(lots));
    }
    head = seal([tx.bytes], [encodeReceipt(receipt)], rules.version);
    return receipt;
  }

  /** As `run`, but a refusal is an error of the test. */
  function must(signer: string, module: string, action: string, payload: CborObject): Receipt {
    const receipt = run(signer, module, action, payload);
    if (!receipt.ok)
      throw new Error(`test chain: ${module}.${action} was refused: ${receipt.code}`);
    return receipt;
  }

  function addAccount(id: string, roles: readonly Role[], accountSuite: SuiteName = suite): void {
    secrets.set(id, testSecret(accountSuite, id));
    const { suite: keySuite, bytes } = crypto.publicKeyOf(keyOf(id));
    must('regulator', 'accounts', 'register', {
      id,
      roles,
      name: { zh: `${id}（测试）`, en: id },
      key: { suite: keySuite, key: bytes },
    });
  }

  /** Anchors a batch of packs received now. */
  function anchor(gateway: string, packs: readonly Uint8Array[]): void {
    const receipt = must(gateway, 'anchors', 'commit', {
      v: 1,
      batch: batches.filter((b) => b.gateway === gateway).length,
      root: logRoot(
        hash,
        packs.map((p) => leafHash(hash, p)),
      ),
      count: packs.length,
      from: time_ms,
      to: time_ms,
      map: null,
    });
    const leaf = receipt.events[0]?.data.leaf;
    if (!(leaf instanceof Uint8Array)) throw new Error('test chain: no anchor leaf');
    batches.push({ gateway, leaf, packs });
  }

  /** The chosen packs of a gateway's n-th batch with their proofs against its whole log. */
  function packedBatch(gateway: string, n: number, indexes?: readonly number[]): PackedBatch {
    const log = batches.filter((b) => b.gateway === gateway);
    const batch = log[n];
    if (batch === undefined) throw new Error('test chain: no such batch');
    const leaves = batch.packs.map((p) => leafHash(hash, p));
    return {
      gateway,
      anchor: batch.leaf,
      proof: inclusionProof(
        hash,
        log.map((b) => leafHash(hash, b.leaf)),
        n,
      ),
      packs: (indexes ?? batch.packs.map((_, i) => i)).map((index) => ({
        index,
        pack: batch.packs[index] ?? new Uint8Array(),
        proof: inclusionProof(hash, leaves, index),
      })),
    };
  }

  /** State entries with proofs against the head, as a bundle carries them. */
  function entries(keys: Iterable<string>): StateEntry[] {
    return [...new Set(keys)].sort().map((key) => ({
      key,
      value: values.get(key) ?? null,
      proof: proveState(readNode, statePath(hash, key)),
    }));
  }

  let proposals = 0;

  /** Proposes the change and lets as many members approve it, in their order, as it takes: a block for each. */
  function decide(change: Change): void {
    proposals += 1;
    const id = `change-${proposals}`;
    const [first, ...others] = validators.map((member) => member.id);
    const approving = others.slice(0, quorum(validators.length) - 1);
    must(first ?? '', 'governance', 'propose', { id, change: change as unknown as CborObject });
    for (const member of approving) must(member, 'governance', 'approve', { id });
  }

  /** Lets an account into the set, with the validator key of that name. The head ends the epoch. */
  function join(id: string, keyName = `${id} validator`): void {
    const secret = testSecret(suite, keyName);
    const { key, proof } = signSeat(crypto, secret, { chainId, id });
    validatorSecrets.set(id, secret);
    decide({ kind: 'join', validator: { id, key: publicKeyToValue(key) }, proof });
  }

  function remove(id: string): void {
    decide({ kind: 'remove', id });
  }

  /** Gives a member the validator key of that name, by its own word. The head ends the epoch. */
  function rotateKey(id: string, keyName: string): void {
    const secret = testSecret(suite, keyName);
    const { key, proof } = signSeat(crypto, secret, { chainId, id });
    must(id, 'governance', 'rotate', { key: publicKeyToValue(key), proof });
    // Not before: the block that ends the epoch is signed with the old key.
    validatorSecrets.set(id, secret);
  }

  return {
    crypto,
    hash: hash as Hash,
    chainId,
    genesis,
    state,
    run,
    must,
    addAccount,
    anchor,
    packedBatch,
    entries,
    empty,
    decide,
    join,
    remove,
    rotateKey,
    certify,
    keyOf,
    setKey: (id: string, secret: SecretKey) => secrets.set(id, secret),
    value: (key: string): CborValue | undefined => state.get(key),
    advance(by_ms: number): void {
      time_ms += by_ms;
    },
    get head(): CertifiedHeader {
      return head;
    },
    get validators(): readonly Validator[] {
      return validators;
    },
    get epoch(): number {
      return epoch;
    },
    /** The last blocks of the epochs before the head's. */
    get epochs(): readonly EpochEnd[] {
      return ended.filter(({ header }) => header !== head.header);
    },
    get time_ms(): number {
      return time_ms;
    },
    get height(): number {
      return height;
    },
  };
}
