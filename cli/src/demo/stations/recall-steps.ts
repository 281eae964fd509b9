// Steps that a recall and a drill have in common.

import { getRecall, getRecallHolder, recallScope, scopeRoot } from '@suyuan/contracts';
import type { Call, Teller } from '../teller.ts';

/** The scope as everybody can work it out from the ledger. */
export function openPayload(
  { read, hash }: Teller,
  id: string,
  seeds: readonly { readonly gtin: string; readonly lot: string }[],
  about: { readonly level: number; readonly mock: boolean; readonly reason: string },
) {
  const query = { siblings: false, ancestors: false };
  const keys = recallScope({ get: read }, { seeds, ...query });
  const scope = { root: scopeRoot(hash, keys), count: keys.length };
  return { recall: id, ...about, seeds: seeds.map((seed) => ({ ...seed })), ...query, scope };
}

/** What the holder has done with the recall so far. */
export function holderHas(
  recall: string,
  account: string,
  what: 'acknowledgedAt' | 'reportedAt',
): Call['done'] {
  return (read) => {
    const holder = getRecallHolder({ get: read }, recall, account);
    return holder?.[what] !== undefined;
  };
}

/** What the holder accounts for, of what lay with him when it was opened. */
export async function report(
  teller: Teller,
  recall: string,
  holder: string,
  shares: (due_g: number) => { readonly recovered_g: number; readonly sold_g: number },
): Promise<void> {
  const due_g = getRecallHolder({ get: teller.read }, recall, holder)?.due.g ?? 0;
  const { recovered_g, sold_g } = shares(due_g);
  const grams = (g: number) => ({ g, count: 0 });
  await teller.act(holder, {
    module: 'recalls',
    action: 'report',
    payload: {
      recall,
      recovered: grams(recovered_g),
      destroyed: grams(0),
      sold: grams(sold_g),
    },
    done: holderHas(recall, holder, 'reportedAt'),
  });
}

/** True once the recall is closed. */
export function closed(recall: string): Call['done'] {
  return (read) => getRecall({ get: read }, recall)?.status === 'closed';
}
