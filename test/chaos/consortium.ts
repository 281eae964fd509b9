// The ledger of the chaos runs: organisations, keys and genesis follow from names, so that every process makes the same.

import { createHash } from 'node:crypto';
import {
  type CryptoProvider,
  encodeGenesis,
  encodeTx,
  openGenesis,
  type Profile,
  RULES_VERSION,
  type SecretKey,
  validatorSuite,
} from '@suyuan/contracts';

const GENESIS_TIME_MS = 1_760_000_000_000;
/** Far more blocks than an outage lasts. */
const VALID_BLOCKS = 5000;

export interface Consortium {
  readonly ids: readonly string[];
  readonly genesis: Uint8Array;
  readonly chainId: Uint8Array;
  readonly keys: ReadonlyMap<string, SecretKey>;
  /** A grower's account, admitted by that organisation. */
  admission(organisation: string, grower: string, height: number): Uint8Array;
}

const digest = (text: string): Uint8Array =>
  new Uint8Array(createHash('sha256').update(text).digest());

export function createConsortium(
  crypto: CryptoProvider,
  size: number,
  profile: Profile,
): Consortium {
  const suite = validatorSuite(profile);
  const ids = Array.from({ length: size }, (_, i) => `org-${i + 1}`);
  const keys = new Map(
    ids.map((id): [string, SecretKey] => [id, { suite, secret: digest(`suyuan chaos ${id}`) }]),
  );
  const members = ids.map((id) => ({ id, key: crypto.publicKeyOf(keys.get(id)!) }));
  const genesis = encodeGenesis({
    name: 'chaos',
    profile,
    time_ms: GENESIS_TIME_MS,
    rules: RULES_VERSION,
    validators: members,
    accounts: members.map(({ id, key }) => ({
      id,
      key,
      roles: ['association'],
      name: { zh: id, en: id },
      status: 'active',
    })),
  });
  const { chainId } = openGenesis(crypto, genesis);
  const growerKey = crypto.publicKeyOf({ suite: 'ed25519', secret: digest('suyuan chaos grower') });
  return {
    ids,
    genesis,
    chainId,
    keys,
    admission: (organisation, grower, height) =>
      encodeTx(crypto, {
        chainId,
        secret: keys.get(organisation)!,
        signer: organisation,
        module: 'accounts',
        action: 'register',
        payload: {
          id: grower,
          roles: ['grower'],
          name: { zh: grower, en: grower },
          key: { suite: growerKey.suite, key: growerKey.bytes },
        },
        idempotencyKey: digest(`${organisation} ${grower}`).subarray(0, 16),
        validUntilHeight: height + VALID_BLOCKS,
      }),
  };
}
