// What the issuer does with a batch after printing: units onto packs, units taken out, the rest given up.

import { CliError } from '../errors.ts';
import { serverUrl } from '../http.ts';
import { uintOption } from '../io.ts';
import { readKeyFile } from '../key-file.ts';
import { submitAction } from '../submit.ts';
import { readBatchFile } from './batch-file.ts';

export interface ChangeOptions {
  readonly key: string;
  readonly as?: string;
  readonly server?: string;
  readonly upTo?: string;
  readonly serial?: string;
  readonly reason?: string;
  readonly json?: true;
}

export async function changeLabels(
  path: string,
  action: 'activate' | 'void' | 'close',
  options: ChangeOptions,
): Promise<void> {
  const { gtin, lot, batch, serials, ...file } = await readBatchFile(path);
  const { secret, id } = await readKeyFile(options.key);
  const payload = { gtin, lot, batch };
  const more = {
    activate: () => ({
      upTo: uintOption(options.upTo ?? String(serials.length), '--up-to', serials.length),
    }),
    void: () => {
      const index = serials.indexOf(options.serial ?? '');
      if (index < 0) throw new CliError(`${path} has no serial ${options.serial ?? ''}`);
      return { index, reason: options.reason ?? '' };
    },
    close: () => ({}),
  }[action]();
  const receipt = await submitAction(serverUrl(options.server ?? file.server), {
    secret,
    signer: options.as ?? id ?? file.issuer,
    module: 'labels',
    action,
    payload: { ...payload, ...more },
  });
  if (options.json) console.log(JSON.stringify(receipt));
  else
    console.log(`accepted labels.${action} of batch ${batch} in block ${String(receipt.height)}`);
}
