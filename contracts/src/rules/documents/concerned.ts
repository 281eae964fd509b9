// Who has a say about the subject of a document, and how many documents a subject bears, so that nobody can bury it under papers
// of his own (docs/formats.md §5, *document*).

import { AppError } from '../../errors.ts';
import {
  DOCUMENT_OTHERS_MAX,
  DOCUMENT_PER_ISSUER_MAX,
  DOCUMENT_SUBJECTS_MAX,
} from '../../limits.ts';
import { getAccount } from '../accounts/record.ts';
import { getDevice } from '../devices/device.ts';
import { toLot } from '../lots/lot.ts';
import { ADMITTING_ROLES, hasRole } from '../permissions.ts';
import { getPlace } from '../places/place.ts';
import { getMark, getProduct } from '../products/product.ts';
import type { RuleContext, StateReader } from '../types.ts';
import { getDocument, getDocumentList } from './document.ts';

/** Accounts that answer for a subject: maker, holder, registrant, steward of the mark; an account itself. */
export function concernedWith(state: StateReader, subject: string): ReadonlySet<string> {
  const [what, id = ''] = subject.split('/', 2);
  const ids = new Set<string | undefined>();
  if (what === 'accounts') ids.add(id);
  if (what === 'places' || what === 'devices') {
    const record = what === 'places' ? getPlace(state, id) : getDevice(state, id);
    ids.add(record?.holder).add(record?.registeredBy);
  }
  if (what === 'products' || what === 'lots') {
    const product = getProduct(state, id);
    ids.add(product?.registeredBy);
    if (product?.mark !== undefined) ids.add(getMark(state, product.mark)?.steward);
  }
  const lot = what === 'lots' ? state.get(subject) : undefined;
  if (lot !== undefined) ids.add(toLot(lot).maker).add(toLot(lot).holder);
  return new Set([...ids].filter((each) => each !== undefined));
}

/** Throws `documents/not-concerned` when a paper of no kind's authority comes from somebody whom the subject does not concern. */
export function requireConcerned(state: StateReader, ctx: RuleContext, subject: string): void {
  if (hasRole(ctx.signer, [...ADMITTING_ROLES, 'laboratory', 'auditor'])) return;
  const { id } = ctx.signer;
  // The makers of a product are many and rivals: they speak about it, and share the room of the others.
  const product = subject.startsWith('products/') ? getProduct(state, subject.slice(9)) : undefined;
  if (concernedWith(state, subject).has(id) || product?.makers?.includes(id) === true) return;
  throw new AppError(
    'documents/not-concerned',
    'Photos, invoices and other papers come from who made, holds or registered the thing; ask him to register it.',
    { subject },
  );
}

/**
 * The list of a subject with one more document. Revoked ones count for nothing, and the oldest of them makes room. Throws
 * `documents/too-many`: of one issuer, or of all whom the subject does not concern, so that some room is always left for the others.
 */
export function withDocument(
  state: StateReader,
  ctx: RuleContext,
  subject: string,
  hash: Uint8Array,
): Uint8Array[] {
  const list = [...getDocumentList(state, subject)];
  const concerned = concernedWith(state, subject);
  const speaksFor = (id: string): boolean => {
    const account = getAccount(state, id);
    return concerned.has(id) || (account !== undefined && hasRole(account, ['regulator']));
  };
  const issuers = list.map((each) => {
    const document = getDocument(state, each);
    return document?.status === 'valid' ? document.issuer : undefined;
  });
  const valid = issuers.filter((issuer) => issuer !== undefined);
  const own = valid.filter((issuer) => issuer === ctx.signer.id).length;
  const others = speaksFor(ctx.signer.id) ? 0 : valid.filter((id) => !speaksFor(id)).length;
  const full = valid.length >= DOCUMENT_SUBJECTS_MAX;
  if (full || own >= DOCUMENT_PER_ISSUER_MAX || others >= DOCUMENT_OTHERS_MAX) {
    throw new AppError(
      'documents/too-many',
      'There are too many documents about this; revoke one that is out of date, or ask a regulator to.',
      { subject, own, all: valid.length },
    );
  }
  if (list.length >= DOCUMENT_SUBJECTS_MAX) list.splice(issuers.indexOf(undefined), 1);
  return [...list, hash];
}
