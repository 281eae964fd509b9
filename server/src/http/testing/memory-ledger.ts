// A ledger in memory for tests of the HTTP half: the real rules, trees, proofs and certificates, one block a transaction,
// and nothing of the engine (no log, no mempool, no consensus).

import {
  AppError,
  admitTx,
  type Block,
  type BlockNotice,
  blockHash,
  bytesToHex,
  type CborValue,
  chainIdOf,
  decodeCbor,
  decodeTx,
  type EpochEnd,
  encodeCbor,
  encodeCertificate,
  encodeGenesis,
  encodeHeader,
  encodeReceipt,
  encodeVote,
  equalBytes,
  executeTx,
  type Genesis,
  genesisState,
  getLabelBatch,
  inclusionProof,
  leafHash,
  logRoot,
  profileHash,
  proveState,
  type ReceiptView,
  RULES_VERSION,
  type SecretKey,
  type StateNode,
  statePath,
  stateValueHash,
  txId,
  unitLeaf,
  updateStateTree,
  validatorsHash,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import type { LedgerNode, SerialList } from '../ports.ts';

export interface MemoryLedger extends LedgerNode {
  /** Makes an empty block. */
  heartbeat(): void;
}

export function createMemoryLedger(args: {
  readonly genesis: Genesis;
  readonly secrets: readonly SecretKey[];
  readonly now_ms: () => number;
}): MemoryLedger {
  const hash = profileHash(nodeCrypto, args.genesis.profile);
  const genesis = encodeGenesis(args.genesis);
  const chainId = chainIdOf(hash, genesis);
  const set = validatorsHash(hash, args.genesis.validators);
  const values = new Map<string, Uint8Array>();
  const tree = new Map<string, StateNode>();
  const blocks: Block[] = [];
  const receipts = new Map<string, ReceiptView & { readonly index: number }>();
  const anchors = new Map<string, Uint8Array[]>();
  const serials = new Map<string, SerialList>();
  const listeners = new Set<(notice: BlockNotice) => void>();
  let last_ms = args.genesis.time_ms;
  let previous = chainId;
  let stateRoot: Uint8Array = new Uint8Array(32);

  const readNode = (position: Uint8Array) => tree.get(bytesToHex(position));
  const read = (key: string): CborValue | undefined => {
    const bytes = values.get(key);
    return bytes === undefined ? undefined : decodeCbor(bytes);
  };
  const state = { get: read };

  const write = (writes: readonly { readonly key: string; readonly value: CborValue | null }[]) => {
    const latest = new Map(writes.map(({ key, value }) => [key, value]));
    const changes = [...latest].map(([key, value]) => {
      const bytes = value === null ? null : encodeCbor(value);
      if (bytes === null) values.delete(key);
      else values.set(key, bytes);
      const path = statePath(hash, key);
      return { path, valueHash: bytes === null ? null : stateValueHash(hash, bytes) };
    });
    const update = updateStateTree(hash, readNode, changes);
    for (const { position, node } of update.writes) {
      if (node === null) tree.delete(bytesToHex(position));
      else tree.set(bytesToHex(position), node);
    }
    stateRoot = update.root;
    return [...latest.keys()];
  };

  const commit = (txs: Uint8Array[], encoded: Uint8Array[], changedKeys: string[]) => {
    last_ms = Math.max(last_ms + 1, args.now_ms());
    const header = encodeHeader({
      chainId,
      height: blocks.length + 1,
      previous,
      time_ms: last_ms,
      proposer: args.genesis.validators[0]?.id ?? '',
      txRoot: logRoot(
        hash,
        txs.map((tx) => leafHash(hash, tx)),
      ),
      receiptRoot: logRoot(
        hash,
        encoded.map((receipt) => leafHash(hash, receipt)),
      ),
      stateRoot,
      validators: set,
      nextValidators: set,
      rules: RULES_VERSION,
    });
    previous = blockHash(hash, header);
    const vote = { chainId, epoch: 0, slot: blocks.length + 1, blockHash: previous };
    const signatures = args.secrets.map((secret, validator) => ({
      validator,
      signature: nodeCrypto.sign(secret, encodeVote(vote)),
    }));
    const certificate = encodeCertificate({ ...vote, signatures });
    blocks.push({ header, certificate, txs, receipts: encoded });
    const notice = { height: blocks.length, time_ms: last_ms, changedKeys };
    for (const listener of listeners) listener(notice);
  };

  const submit = (bytes: Uint8Array): ReceiptView => {
    const tx = decodeTx(bytes);
    const id = txId(hash, tx);
    const known = receipts.get(bytesToHex(id));
    if (known !== undefined) return known;
    const time_ms = Math.max(last_ms + 1, args.now_ms());
    const ctx = { hash, crypto: nodeCrypto, chainId, height: blocks.length + 1, time_ms, txId: id };
    admitTx(state, tx, ctx);
    const { receipt, writes } = executeTx(state, tx, ctx);
    for (const event of receipt.events) {
      const { gateway, leaf } = event.data;
      if (event.type !== 'anchors.committed' || typeof gateway !== 'string') continue;
      if (leaf instanceof Uint8Array) anchors.set(gateway, [...(anchors.get(gateway) ?? []), leaf]);
    }
    commit([bytes], [encodeReceipt(receipt)], write(writes));
    const { ok, code } = receipt;
    const view = { txId: id, ok, code, height: blocks.length, time_ms: last_ms, index: 0 };
    receipts.set(bytesToHex(id), view);
    return view;
  };

  const unitLeaves = ({ gtin, lot, serials: list }: SerialList) =>
    list.map((serial) => leafHash(hash, unitLeaf(gtin, lot, serial)));

  write(genesisState(args.genesis));
  return {
    chainId,
    profile: args.genesis.profile,
    genesis,
    height: () => blocks.length,
    read,
    submit: async (bytes) => submit(bytes),
    receipt: (id) => receipts.get(bytesToHex(id)),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    heartbeat: () => commit([], [], []),
    value: (key) => values.get(key),
    keys: (prefix, { after, limit }) =>
      [...values.keys()]
        .filter((key) => key.startsWith(prefix) && (after === undefined || key > after))
        .sort()
        .slice(0, limit),
    proveKeys(keys) {
      const head = blocks.at(-1);
      if (head === undefined) throw new Error('memory ledger: no block yet');
      return {
        header: head.header,
        certificate: head.certificate,
        entries: keys.map((key) => ({
          key,
          value: values.get(key) ?? null,
          proof: proveState(readNode, statePath(hash, key)),
        })),
      };
    },
    block: (height) => blocks[height - 1],
    transaction(id) {
      const found = receipts.get(bytesToHex(id));
      const block = found && blocks[found.height - 1];
      const [tx, receipt] = [block?.txs[found?.index ?? 0], block?.receipts[found?.index ?? 0]];
      if (found === undefined || block === undefined || !tx || !receipt) return undefined;
      const { height, index } = found;
      return {
        height,
        index,
        count: block.txs.length,
        tx,
        receipt,
        txProof: inclusionProof(
          hash,
          block.txs.map((t) => leafHash(hash, t)),
          index,
        ),
        receiptProof: inclusionProof(
          hash,
          block.receipts.map((r) => leafHash(hash, r)),
          index,
        ),
      };
    },
    anchorLeaf: (gateway, batch) => anchors.get(gateway)?.[batch],
    anchorProof: (gateway, batch, size) => {
      const leaves = (anchors.get(gateway) ?? []).slice(0, size);
      return inclusionProof(
        hash,
        leaves.map((leaf) => leafHash(hash, leaf)),
        batch,
      );
    },
    epochs: (): readonly EpochEnd[] => [],
    unitProof(gtin, lot, serial) {
      for (const list of serials.values()) {
        const index = list.gtin === gtin && list.lot === lot ? list.serials.indexOf(serial) : -1;
        if (index < 0) continue;
        return { batch: list.batch, index, proof: inclusionProof(hash, unitLeaves(list), index) };
      }
      return undefined;
    },
    async putSerials(list) {
      const batch = getLabelBatch(state, list.gtin, list.lot, list.batch);
      if (batch === undefined || !equalBytes(logRoot(hash, unitLeaves(list)), batch.root)) {
        throw new AppError('labels/other-root', 'The serials are not those of the batch.');
      }
      serials.set(`${list.gtin}/${list.lot}/${list.batch}`, list);
    },
    totals: () => ({ transactions: receipts.size, mempool: 0 }),
  };
}
