// Carries buyers' hidden codes to the ledger under an account that does nothing else: its queue in the mempool is its own, so a
// crowd at this desk keeps no gateway waiting. The account is made when the first code comes.

import type { LedgerPort, SecretKey } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import type { RevealCarrier } from '@suyuan/server';
import type { Submit } from './submitter.ts';

export const DESK_ACCOUNT = 'code-desk-1';

export function createRevealCarrier(
  ledger: LedgerPort,
  submit: Submit,
  secretOf: (account: string) => Promise<SecretKey>,
): RevealCarrier {
  let admitted: Promise<void> | undefined;

  async function admit(): Promise<void> {
    const { suite, bytes } = nodeCrypto.publicKeyOf(await secretOf(DESK_ACCOUNT));
    if (ledger.read(`accounts/${DESK_ACCOUNT}`) !== undefined) return;
    await submit('bureau', 'accounts', 'register', {
      id: DESK_ACCOUNT,
      roles: ['shop'],
      name: { zh: '刮码登记台（演示）', en: 'Desk for scratch codes (demo)' },
      key: { suite, key: bytes },
    });
  }

  return {
    async reveal(payload) {
      admitted ??= admit().catch((error: unknown) => {
        admitted = undefined;
        throw error;
      });
      await admitted;
      return submit(DESK_ACCOUNT, 'labels', 'reveal', payload);
    },
  };
}
