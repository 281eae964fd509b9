// Our keys as the identifiers of EPCIS events and back: Digital Links on id.gs1.org (CBV 2.0 §8.2), the form in which events are
// hashed.

import { isAppError } from '../../errors.ts';
import { buildDigitalLink } from '../build-digital-link.ts';
import { canonicalDigitalLink } from '../canonical.ts';
import { parseDigitalLink } from '../digital-link.ts';

/** Link of a product (GTIN-14), of a lot of it, or with `serial` of one unit. Throws a `gs1/*` error. */
export function goodsLink(gtin: string, lot?: string, serial?: string): string {
  const elements = [{ ai: '01', value: gtin }];
  if (lot !== undefined) elements.push({ ai: '10', value: lot });
  if (serial !== undefined) elements.push({ ai: '21', value: serial });
  return buildDigitalLink(elements);
}

/** Link of a place (GLN). Throws a `gs1/*` error. */
export function placeLink(gln: string): string {
  return buildDigitalLink([{ ai: '414', value: gln }]);
}

/** Link of a device: its id is the value of a GIAI (8004). Throws a `gs1/*` error. */
export function deviceLink(id: string): string {
  return buildDigitalLink([{ ai: '8004', value: id }]);
}

/** What an identifier of an event names, in our keys. */
export interface NamedKey {
  /** GTIN-14 */
  readonly gtin?: string;
  readonly lot?: string;
  readonly serial?: string;
  /** GLN of a place (414) or party (417). */
  readonly gln?: string;
  /** Value of a GIAI. */
  readonly device?: string;
  /** Canonical link: no attributes, and no lot beside a serial. */
  readonly link: string;
}

const FIELDS: Readonly<Record<string, 'gtin' | 'lot' | 'serial' | 'gln' | 'device'>> = {
  '01': 'gtin',
  '10': 'lot',
  '21': 'serial',
  '414': 'gln',
  '417': 'gln',
  '8004': 'device',
};

/**
 * The keys that a Digital Link (on any host) or an EPC URN names; undefined for any other identifier and for one whose values are
 * false, such as a wrong check digit. A lot beside a serial is kept. Never throws.
 */
export function namedKey(id: string): NamedKey | undefined {
  try {
    const link = canonicalDigitalLink(id);
    const [address = ''] = id.split(/[?#]/, 1);
    const { key, qualifiers } = parseDigitalLink(id.startsWith('urn:') ? link : address, {
      alphas: true,
      gtinLengths: [8, 12, 13, 14],
    });
    const named = [key, ...qualifiers].flatMap(({ ai, value }) => {
      const field = FIELDS[ai];
      return field === undefined ? [] : [[field, value] as const];
    });
    return { ...Object.fromEntries(named), link };
  } catch (error) {
    if (isAppError(error, 'gs1')) return undefined;
    throw error;
  }
}
