// One transaction signed here and handed to a node.

import { randomBytes } from 'node:crypto';
import { type CborObject, encodeTx, type SecretKey } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { CliError } from './errors.ts';
import { requestJson } from './http.ts';
import { hexOption } from './io.ts';

export const VALID_BLOCKS = 1000;

export interface Chain {
  /** 32 bytes. */
  readonly chainId: Uint8Array;
  readonly profile: string;
  readonly height: number;
}

/** What the node says of its chain. Throws CliError. */
export async function chainOf(server: URL): Promise<Chain> {
  const { chain } = await requestJson(new URL('/api/v1/status', server));
  const { genesis, height, profile } = (chain ?? {}) as Record<string, unknown>;
  if (typeof genesis !== 'string' || typeof height !== 'number' || typeof profile !== 'string')
    throw new CliError(`${server.origin} did not say which chain it runs; is it a Suyuan node?`);
  return { chainId: hexOption(genesis, 'the chain id', 32), height, profile };
}

export interface Action {
  readonly secret: SecretKey;
  readonly signer: string;
  readonly module: string;
  readonly action: string;
  readonly payload: CborObject;
  /** 16 bytes; fresh ones unless given. */
  readonly idempotencyKey?: Uint8Array;
  readonly validBlocks?: number;
}

/** Signs, submits and waits for the receipt. Throws CliError with the rule's code when it is refused. */
export async function submitAction(
  server: URL,
  action: Action,
): Promise<Readonly<Record<string, unknown>>> {
  const { chainId, height } = await chainOf(server);
  const { validBlocks = VALID_BLOCKS, idempotencyKey, ...what } = action;
  const bytes = encodeTx(nodeCrypto, {
    ...what,
    chainId,
    idempotencyKey: idempotencyKey ?? new Uint8Array(randomBytes(16)),
    validUntilHeight: height + validBlocks,
  });
  return requestJson(new URL('/api/v1/transactions', server), {
    method: 'POST',
    headers: { 'content-type': 'application/cose' },
    body: bytes,
  });
}
