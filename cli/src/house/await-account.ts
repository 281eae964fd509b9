// A house beside a ledger of others waits until they have admitted its gateway.

import { equalBytes, getAccount, type PublicKey } from '@suyuan/contracts';
import type { LedgerNode } from '@suyuan/server';
import { CliError } from '../errors.ts';

/**
 * Resolves when the ledger knows the account under this key. Rejects with CliError when the account is another's, and with the signal's
 * reason when that comes first.
 */
export async function awaitAccount(
  node: LedgerNode,
  id: string,
  key: PublicKey,
  signal: AbortSignal,
): Promise<void> {
  const isThere = (): boolean => {
    const account = getAccount({ get: (name) => node.read(name) }, id);
    if (account === undefined) return false;
    if (equalBytes(account.key.bytes, key.bytes)) return true;
    throw new CliError(
      `the ledger knows ${id} under another key: it is another house's gateway; choose another id with --gateway ID`,
    );
  };
  if (isThere()) return;
  await new Promise<void>((resolve, reject) => {
    const look = (): void => {
      try {
        if (isThere()) end(resolve);
      } catch (error) {
        end(() => reject(error));
      }
    };
    const unsubscribe = node.subscribe(look);
    const stop = (): void => end(() => reject(signal.reason));
    function end(settle: () => void): void {
      unsubscribe();
      signal.removeEventListener('abort', stop);
      settle();
    }
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
}
