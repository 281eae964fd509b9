// A label batch with codes under a scratch layer, as an issuer prints it.

import { hiddenCommitment, leafHash, logRoot, profileHash, unitLeaf } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { GTIN, HOLDER, LOT, unitPath } from './aged-lot.ts';
import type { TestHouse } from './house.ts';

export interface HiddenLabel {
  readonly path: string;
  readonly serial: string;
  readonly code: string;
}

/** Issues labels for the peel, all on packs. */
export async function issueHiddenLabels(house: TestHouse, count: number): Promise<HiddenLabel[]> {
  const hash = profileHash(nodeCrypto, house.profile);
  const name = { gtin: GTIN.peel, lot: LOT.peel, batch: 'HIDDEN' };
  const labels = Array.from({ length: count }, (_, i) => {
    const serial = `H${String(i + 1).padStart(6, '0')}`;
    return { serial, code: `7K0M1Q8ZA2${String(100 + i)}`, path: unitPath(serial) };
  });
  const serials = labels.map(({ serial }) => serial);
  const commitments = labels.map(({ serial, code }) =>
    hiddenCommitment(hash, { gtin: name.gtin, lot: name.lot, serial }, code),
  );
  const leaves = serials.map((serial, i) =>
    leafHash(hash, unitLeaf(name.gtin, name.lot, serial, commitments[i])),
  );
  const root = logRoot(hash, leaves);
  await house.submit(HOLDER, 'labels', 'issue', { ...name, root, count, net: 250, hidden: true });
  await house.submit(HOLDER, 'labels', 'activate', { ...name, upTo: count });
  await house.node.putSerials({ ...name, serials, commitments });
  return labels;
}
