// One spelling for what two parties may spell in two ways, so that a query finds what it means: identifiers as Digital Links,
// standard values by their short names.

import { canonicalDigitalLink, isAppError } from '@suyuan/contracts';

/** The canonical Digital Link of a GS1 key; anything else as it is. */
export function canonicalId(text: string): string {
  try {
    return canonicalDigitalLink(text);
  } catch (error) {
    if (isAppError(error)) return text;
    throw error;
  }
}

/** CBV 2.0: `https://ref.gs1.org/cbv/BizStep-shipping`, `urn:epcglobal:cbv:bizstep:shipping` and `cbv:BizStep-…` are `shipping`. */
const CBV_NAME =
  /^(?:https?:\/\/(?:ref\.gs1\.org|ns\.gs1\.org|gs1\.org)\/(?:cbv|voc)\/|cbv:|gs1:)(?:(?:BizStep|Disp|BTT|SDT|ER|Comp)-)?([A-Za-z0-9_]+)$/;
const CBV_URN = /^urn:epcglobal:cbv:(?:bizstep|disp|btt|sdt|er):([A-Za-z0-9_]+)$/;

export function shortName(text: string): string {
  return CBV_NAME.exec(text)?.[1] ?? CBV_URN.exec(text)?.[1] ?? text;
}

/** JSON with the names of each object in order: the same for two spellings of one event. */
export function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    const sorted = Object.entries(member).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return Object.fromEntries(sorted);
  });
}
