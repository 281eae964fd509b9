import { payloadFromJson, TX_VALIDITY_BLOCKS_MAX } from '@suyuan/contracts';
import { CliError } from '../errors.ts';
import { serverUrl } from '../http.ts';
import { hexOption, readJson, uintOption } from '../io.ts';
import { readKeyFile } from '../key-file.ts';
import { submitAction } from '../submit.ts';

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
      ? undefined
      : hexOption(options.idempotencyKey, '--idempotency-key', 16);
  const { secret, id } = await readKeyFile(options.key);
  const signer = options.account ?? id;
  if (signer === undefined) throw new CliError('say who signs: --account ID');
  const payload = payloadFromJson(module, action, await readJson(options.payload, 'payload'));
  const receipt = await submitAction(server, {
    secret,
    signer,
    module,
    action,
    payload,
    validBlocks,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  });
  if (options.json) console.log(JSON.stringify(receipt));
  else {
    const { height: block, txId } = receipt;
    console.log(`accepted    ${module}.${action} by ${signer}`);
    console.log(`block       ${String(block)}\ntransaction ${String(txId)}`);
  }
}
