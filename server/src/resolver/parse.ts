// Digital Link URIs as this server reads them: the path after any host, with or without a trailing slash.

import {
  hasCheckDigit,
  isDeviceId,
  isGln,
  isGtin14,
  type Subject as LotSubject,
} from '@suyuan/contracts';
import { malformed } from '../http/problems.ts';
import type { Subject } from './subject.ts';

/** Primary keys of GS1 Digital Link; those that this ledger does not record are known to be unknown. */
export const PRIMARY_KEYS = [
  '00',
  '01',
  '253',
  '255',
  '401',
  '402',
  '414',
  '417',
  '8003',
  '8004',
  '8006',
  '8010',
  '8013',
  '8017',
  '8018',
] as const;

/** GS1 character set 82. */
const TEXT_20 = /^[!-"%-/0-9A-Z_a-z:;<=>?]{1,20}$/;
/** Qualifiers of 01 in the order of their path; 22 and 235 are read and play no part here. */
const PRODUCT_QUALIFIERS = ['22', '10', '21', '235'];

/** What the path of a request names. Throws `http/malformed` naming the field. */
export function subjectOf(uri: string): Subject {
  const [key, value, ...rest] = segmentsOf(uri);
  if (key === undefined || value === undefined) throw malformed('link', 'The link names nothing.');
  switch (key) {
    case '01':
      return productOf(value, rest);
    case '414':
      if (!isGln(value))
        throw malformed('414', 'A GLN has 13 digits, the last of them a check digit.');
      return { kind: 'place', gln: value };
    case '8004':
      if (rest.length > 0) throw malformed('8004', 'A GIAI has no qualifiers.');
      return isDeviceId(value) ? { kind: 'device', id: value } : { kind: 'other' };
    case '417':
      if (!isGln(value))
        throw malformed('417', 'A GLN has 13 digits, the last of them a check digit.');
      return { kind: 'other' };
    case '00':
      if (value.length !== 18 || !hasCheckDigit(value)) {
        throw malformed('00', 'An SSCC has 18 digits, the last of them a check digit.');
      }
      return { kind: 'other' };
    default:
      return { kind: 'other' };
  }
}

/** The product, lot or unit that a link names. Throws `http/malformed` for any other link. */
export function productLinkOf(uri: string): LotSubject {
  const subject = subjectOf(uri);
  if (subject.kind !== 'product')
    throw malformed('link', 'A bundle is of a product, a lot or a unit.');
  const { gtin, lot, serial } = subject;
  if (serial !== undefined && lot === undefined) {
    throw malformed('link', 'A unit is asked for together with its lot: /01/…/10/…/21/….');
  }
  return {
    gtin,
    ...(lot === undefined ? {} : { lot }),
    ...(serial === undefined ? {} : { serial }),
  };
}

function segmentsOf(uri: string): string[] {
  const path = uri.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '');
  if (!path.startsWith('/')) throw malformed('link', 'The link must be a path or an http(s) URI.');
  try {
    return path.replace(/\/$/, '').slice(1).split('/').map(decodeURIComponent);
  } catch {
    throw malformed('link', 'The link holds a percent-encoding that does not decode.');
  }
}

function productOf(value: string, rest: readonly string[]): Subject {
  // Shorter GTINs are the same number with leading zeros.
  const gtin = /^(?:\d{8}|\d{12,14})$/.test(value) ? value.padStart(14, '0') : value;
  if (!isGtin14(gtin))
    throw malformed('01', 'A GTIN has 14 digits, the last of them a check digit.');
  const found = new Map<string, string>();
  let last = -1;
  for (let i = 0; i < rest.length; i += 2) {
    const [qualifier, text] = [rest[i] ?? '', rest[i + 1] ?? ''];
    const order = PRODUCT_QUALIFIERS.indexOf(qualifier);
    if (order <= last) {
      throw malformed(
        qualifier.slice(0, 8),
        'Qualifiers of 01 are 22, 10 and 21, in this order, each once.',
      );
    }
    if (!TEXT_20.test(text)) {
      throw malformed(
        qualifier,
        `AI (${qualifier}) has 1 to 20 characters of GS1 character set 82.`,
      );
    }
    last = order;
    found.set(qualifier, text);
  }
  const [lot, serial] = [found.get('10'), found.get('21')];
  return {
    kind: 'product',
    gtin,
    ...(lot === undefined ? {} : { lot }),
    ...(serial === undefined ? {} : { serial }),
  };
}
