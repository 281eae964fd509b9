import { randomBytes } from 'node:crypto';
import { encodeTx, payloadFromJson, TX_VALIDITY_BLOCKS_MAX } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { CliError } from '../errors.ts';
import { requestJson, serverUrl } from '../http.ts';
import { hexOption, readJson, uintOption } from '../io.ts';
import { readKeyFile } from '../key-file.ts';

export interface SubmitOptions {
  readonly key: string;
  readonly module: string;
  readonly action: string;
  readonly payload: string;
  readonly account?: string;
  readonly server: string;
  readonly idempotencyKey?: string;
  readonly validBlocks: string;
  readonly json?: true;
}

export async function submitTx(options: SubmitOptions): Promise<void> {
  const { module, action } = options;
  const server = serverUrl(options.server);
  const validBlocks = uintOption(options.validBlocks, '--valid-blocks', TX_VALIDITY_BLOCKS_MAX);
  const idempotencyKey =
    options.idempotencyKey === undefined
      ? new Uint8Array(randomBytes(16))
      : hexOption(options.idempotencyKey, '--idempotency-key', 16);
  const key = await readKeyFile(options.key);
  const signer = options.account ?? key.id;
  if (signer === undefined) throw new CliError('say who signs: --account ID');
  const payload = payloadFromJson(module, action, await readJson(options.payload, 'payload'));
  const { chainId, height } = await chainOf(server);
  const bytes = encodeTx(nodeCrypto, {
    secret: key.secret,
    signer,
    chainId,
    module,
    action,
    payload,
    idempotencyKey,
    validUntilHeight: height + validBlocks,
  });
  const receipt = await requestJson(new URL('/api/v1/transactions', server), {
    method: 'POST',
    headers: { 'content-type': 'application/cose' },
    body: bytes,
  });
  if (options.json) console.log(JSON.stringify(receipt));
  else {
    const { height: block, txId } = receipt;
    console.log(`accepted    ${module}.${action} by ${signer}`);
    console.log(`block       ${String(block)}\ntransaction ${String(txId)}`);
  }
}

async function chainOf(server: URL): Promise<{ chainId: Uint8Array; height: number }> {
  const { chain } = await requestJson(new URL('/api/v1/status', server));
  const { genesis, height } = (chain ?? {}) as Record<string, unknown>;
  if (typeof genesis !== 'string' || typeof height !== 'number')
    throw new CliError(`${server.origin} did not say which chain it runs; is it a Suyuan node?`);
  return { chainId: hexOption(genesis, 'the chain id', 32), height };
}
