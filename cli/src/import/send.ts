// Batches on their way: each is all or nothing by the ledger; the first that is refused is the last that is sent.

import { encodeTx, type SecretKey } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { CliError } from '../errors.ts';
import { ProblemError } from '../http.ts';
import { type Batch, batchKey } from './batches.ts';
import type { Accepted, LedgerDoor } from './ledger-door.ts';

export interface Signer {
  readonly account: string;
  readonly secret: SecretKey;
  readonly chainId: Uint8Array;
}

export interface Planned {
  readonly batch: Batch;
  readonly key: Uint8Array;
  /** It stands on the ledger already, by an earlier run. */
  readonly before?: Accepted;
}

export type Outcome =
  | { readonly status: 'accepted'; readonly before: boolean; readonly receipt: Accepted }
  /** `call` is the index, from 0, of the call to blame, where the node named it. */
  | { readonly status: 'refused'; code: string; message: string; call: number | undefined }
  /** Sent, but whether it stands is not known: the next run of the same file will. */
  | { readonly status: 'unknown'; readonly message: string }
  | { readonly status: 'not-sent' };

/** Refusals of one batch that stand in blocks. */
const ATTEMPTS_MAX = 16;
const VALID_BLOCKS = 1000;

/** Finds out which batches an earlier run brought to the ledger, and the free key of each other. Throws CliError. */
export async function planBatches(
  door: LedgerDoor,
  { account, chainId }: Omit<Signer, 'secret'>,
  batches: readonly Batch[],
): Promise<Planned[]> {
  const planned: Planned[] = [];
  let open = batches;
  for (let attempt = 0; open.length > 0; attempt++) {
    if (attempt === ATTEMPTS_MAX) {
      throw new CliError('the ledger has refused these rows many times; correct them first');
    }
    const keys = open.map((batch) => batchKey(batch, { chainId, account, attempt }));
    const spent = await door.spent(account, keys);
    const again: Batch[] = [];
    for (const [i, batch] of open.entries()) {
      const before = spent[i];
      const key = keys[i] ?? new Uint8Array(16);
      if (before === undefined) planned.push({ batch, key });
      else if (before.ok) {
        const { txId, height } = before;
        planned.push({ batch, key, before: { txId, height } });
      } else again.push(batch);
    }
    open = again;
  }
  return planned.sort((a, b) => a.batch.number - b.batch.number);
}

/** Signs and sends what is not there yet; outcomes in the order of the batches. */
export async function sendBatches(
  door: LedgerDoor,
  { account, secret, chainId }: Signer,
  planned: readonly Planned[],
  onSent: (done: number) => void,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let stopped = false;
  for (const [i, { batch, key, before }] of planned.entries()) {
    if (before !== undefined) {
      outcomes.push({ status: 'accepted', before: true, receipt: before });
      continue;
    }
    if (stopped) {
      outcomes.push({ status: 'not-sent' });
      continue;
    }
    const { height } = await door.chain();
    const tx = encodeTx(nodeCrypto, {
      ...{ secret, signer: account, chainId, module: 'batch', action: 'run' },
      payload: batch.payload,
      idempotencyKey: key,
      validUntilHeight: height + VALID_BLOCKS,
    });
    const outcome = await sendOne(door, tx);
    outcomes.push(outcome);
    stopped = outcome.status !== 'accepted';
    onSent(i + 1);
  }
  return outcomes;
}

async function sendOne(door: LedgerDoor, tx: Uint8Array): Promise<Outcome> {
  try {
    return { status: 'accepted', before: false, receipt: await door.submit(tx) };
  } catch (error) {
    if (error instanceof ProblemError && error.status < 500 && error.status !== 429) {
      const [, call] = /^Call (\d+): /.exec(error.detail) ?? [];
      return {
        status: 'refused',
        code: error.code,
        message: error.detail.replace(/^Call \d+: /, ''),
        call: call === undefined ? undefined : Number(call) - 1,
      };
    }
    if (error instanceof CliError) return { status: 'unknown', message: error.message };
    throw error;
  }
}
