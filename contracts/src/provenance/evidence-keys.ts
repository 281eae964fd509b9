// Which state keys a bundle shows, present or absent: the server gathers by it what the verifier asks for, so that neither can
// forget what the other needs (docs/formats.md §7).

import { accountKey } from '../rules/accounts/record.ts';
import { caseKey, getCase } from '../rules/cases/case.ts';
import {
  documentKey,
  documentListKey,
  getDocument,
  getDocumentList,
} from '../rules/documents/document.ts';
import { type LabelBatch, labelKey, revealKey, voidKey } from '../rules/labels/label.ts';
import { type Lot, lotKey } from '../rules/lots/lot.ts';
import { getPlace, placeKey } from '../rules/places/place.ts';
import { getPolicyHead, policyHeadKey, policyKey } from '../rules/policies/policy.ts';
import { getMark, getProduct, markKey, productKey } from '../rules/products/product.ts';
import { quotaKey } from '../rules/quotas/quota.ts';
import { getRecall, OPEN_RECALLS_KEY, openRecalls, recallKey } from '../rules/recalls/recall.ts';
import type { StateReader } from '../rules/types.ts';
import type { Subject } from './bundle.ts';
import type { Lineage } from './lineage.ts';

/** The unit that a bundle is about. */
export interface ShownUnit {
  readonly batch: LabelBatch;
  readonly index: number;
}

/** Keys of what a bundle about `link` shows, ascending, each once. `height` is the head's. */
export function evidenceKeys(
  state: StateReader,
  link: Subject,
  height: number,
  lineage?: Lineage,
  unit?: ShownUnit,
): string[] {
  const keys = new Set<string>();
  addProduct(keys, state, link.gtin, height);
  addDocuments(keys, state, productKey(link.gtin));
  if (lineage !== undefined) {
    for (const lot of lineage.lots) addLot(keys, state, lot, height);
    for (const { place, holder } of lineage.stays) addPlace(keys, state, place.gln, holder);
    const lot = lineage.lots.at(-1);
    if (lot !== undefined) {
      addDocuments(keys, state, lotKey(lot.gtin, lot.lot));
      for (const { place, holder } of lot.moves) addPlace(keys, state, place, holder);
      if (lot.transit !== undefined) keys.add(lot.transit);
      addRecalls(keys, state);
    }
  }
  if (unit !== undefined && link.serial !== undefined) addUnit(keys, state, unit, link.serial);
  return [...keys].sort();
}

function addProduct(keys: Set<string>, state: StateReader, gtin: string, height: number): void {
  keys.add(productKey(gtin));
  const product = getProduct(state, gtin);
  if (product === undefined) return;
  keys.add(accountKey(product.registeredBy));
  if (product.mark !== undefined) {
    keys.add(markKey(product.mark));
    const steward = getMark(state, product.mark)?.steward;
    if (steward !== undefined) keys.add(accountKey(steward));
  }
  if (product.policy === undefined) return;
  keys.add(policyHeadKey(product.policy));
  const versions = getPolicyHead(state, product.policy)?.versions ?? [];
  const now = versions.findLast(({ from }) => from <= height);
  if (now !== undefined) keys.add(policyKey(product.policy, now.version));
}

function addPlace(keys: Set<string>, state: StateReader, gln: string, holder: string): void {
  keys.add(placeKey(gln)).add(accountKey(holder));
  const place = getPlace(state, gln);
  if (place !== undefined) keys.add(accountKey(place.registeredBy));
}

function addLot(keys: Set<string>, state: StateReader, lot: Lot, height: number): void {
  keys.add(lotKey(lot.gtin, lot.lot)).add(accountKey(lot.maker)).add(accountKey(lot.holder));
  addProduct(keys, state, lot.gtin, height);
  if (lot.policy !== undefined) keys.add(policyKey(lot.policy.id, lot.policy.version));
  if (lot.document !== undefined) addDocument(keys, state, lot.document);
  if (lot.origin !== undefined) addPlace(keys, state, lot.origin.plot, lot.origin.grower);
  if (lot.inputs.length === 0) {
    const plot = lot.origin?.plot ?? lot.place;
    for (const { by } of getPlace(state, plot)?.memberships ?? []) keys.add(accountKey(by));
    if (lot.season !== undefined) keys.add(quotaKey(plot, lot.gtin, lot.season));
  }
  if (lot.case === undefined) return;
  keys.add(caseKey(lot.case));
  const dispute = getCase(state, lot.case);
  if (dispute === undefined) return;
  keys.add(accountKey(dispute.opener));
  if (dispute.decidedBy !== undefined) keys.add(accountKey(dispute.decidedBy));
}

function addDocuments(keys: Set<string>, state: StateReader, subject: string): void {
  keys.add(documentListKey(subject));
  for (const hash of getDocumentList(state, subject)) addDocument(keys, state, hash);
}

function addDocument(keys: Set<string>, state: StateReader, hash: Uint8Array): void {
  keys.add(documentKey(hash));
  const document = getDocument(state, hash);
  if (document !== undefined) keys.add(accountKey(document.issuer));
}

function addRecalls(keys: Set<string>, state: StateReader): void {
  keys.add(OPEN_RECALLS_KEY);
  for (const id of openRecalls(state)) {
    keys.add(recallKey(id));
    const recall = getRecall(state, id);
    if (recall !== undefined) keys.add(accountKey(recall.opener));
  }
}

function addUnit(
  keys: Set<string>,
  state: StateReader,
  { batch, index }: ShownUnit,
  serial: string,
): void {
  const { gtin, lot } = batch;
  keys.add(labelKey(gtin, lot, batch.batch)).add(accountKey(batch.issuer));
  for (const { place, holder } of batch.moves) addPlace(keys, state, place, holder);
  if (batch.transit !== undefined) keys.add(batch.transit);
  const voided = voidKey(gtin, lot, batch.batch, index);
  const revealed = revealKey(gtin, lot, serial);
  keys.add(voided);
  if (batch.hidden) keys.add(revealed);
  for (const key of [voided, revealed]) {
    const by = (state.get(key) as { by?: unknown } | undefined)?.by;
    if (typeof by === 'string') keys.add(accountKey(by));
  }
}
