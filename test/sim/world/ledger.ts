// The ledger of a run: who founded it, and the transactions that its members sign.

import {
  type CborObject,
  decodeTx,
  encodeCbor,
  encodeGenesis,
  encodeTx,
  openGenesis,
  publicKeyToValue,
  RULES_VERSION,
  type SecretKey,
  txId,
} from '@suyuan/contracts';
import { type SimCrypto, secretOf } from '../ports/crypto.ts';

/** What every clock of a run says at its beginning. */
export const BEGIN_MS = 1_760_000_000_000;

export interface SignedTx {
  readonly id: string;
  readonly bytes: Uint8Array;
  readonly validUntilHeight: number;
}

export interface SimLedger {
  readonly genesis: Uint8Array;
  readonly chainId: Uint8Array;
  readonly hash: (data: Uint8Array) => Uint8Array;
  /** Ids of the founding validators, in certificate order. */
  readonly founders: readonly string[];
  /** Accounts that may join. */
  readonly spares: readonly string[];
  readonly clients: readonly string[];
  /** The validator key of an organisation; `generation` counts its rotations. */
  keyOf(id: string, generation: number): SecretKey;
  sign(signer: string, name: string, payload: CborObject, validUntilHeight: number): SignedTx;
  /** Says that the newcomer holds the key: what joining and rotating need. */
  proofOf(id: string, secret: SecretKey): Uint8Array;
}

const CLIENTS = 3;
const SPARES = 2;

export function createSimLedger(crypto: SimCrypto, validators: number, name = 'sim'): SimLedger {
  const founders = Array.from({ length: validators }, (_, i) => `v${i}`);
  const spares = Array.from({ length: SPARES }, (_, i) => `x${i}`);
  const clients = Array.from({ length: CLIENTS }, (_, i) => `c${i}`);
  const keyOf = (id: string, generation: number) => secretOf(`validator ${id} ${generation}`);
  const accountKey = (id: string) => secretOf(`account ${id}`);
  const accounts = [...founders, ...spares, ...clients].map((id) => ({
    id,
    roles: [id.startsWith('c') ? ('grower' as const) : ('association' as const)],
    name: { zh: id, en: id },
    key: crypto.publicKeyOf(accountKey(id)),
    status: 'active' as const,
  }));
  const genesis = encodeGenesis({
    name,
    profile: 'international',
    time_ms: BEGIN_MS - 1000,
    rules: RULES_VERSION,
    validators: founders.map((id) => ({ id, key: crypto.publicKeyOf(keyOf(id, 0)) })),
    accounts,
  });
  const { chainId, hash } = openGenesis(crypto, genesis);
  let next = 1;
  return {
    genesis,
    chainId,
    hash,
    founders,
    spares,
    clients,
    keyOf,
    sign(signer, action, payload, validUntilHeight) {
      const idempotencyKey = new Uint8Array(16);
      new DataView(idempotencyKey.buffer).setUint32(12, next++);
      const [module, verb] = action.split('.') as [string, string];
      const bytes = encodeTx(crypto, {
        secret: accountKey(signer),
        signer,
        chainId,
        module,
        action: verb,
        payload,
        idempotencyKey,
        validUntilHeight,
      });
      const id = Buffer.from(txId(hash, decodeTx(bytes))).toString('hex');
      return { id, bytes, validUntilHeight };
    },
    proofOf: (id, secret) =>
      crypto.sign(
        secret,
        encodeCbor([
          'suyuan/validator/1',
          chainId,
          id,
          publicKeyToValue(crypto.publicKeyOf(secret)),
        ]),
      ),
  };
}
