// The one spelling of an identifier: its finest key as a link on id.gs1.org (CBV 2.0 §8.2; the form in which EPCIS events
// are hashed). Accepts what other parties write: EPC URNs, links on any host, short GTINs, the old short names.

import { AppError } from '../errors.ts';
import { buildDigitalLink } from './build-digital-link.ts';
import { parseDigitalLink } from './digital-link.ts';
import { epcUrnToElements } from './epc-urn.ts';

/**
 * The canonical link of an EPC URN or a Digital Link: no attributes, no variant (22), and no lot (10) beside a serial (21).
 * Throws a `gs1/*` error when the text names no GS1 key.
 */
export function canonicalDigitalLink(text: string): string {
  if (typeof text !== 'string') {
    throw new AppError('gs1/not-a-digital-link', 'An identifier is text: a link or an EPC URN.');
  }
  if (text.startsWith('urn:')) return buildDigitalLink(epcUrnToElements(text));
  const [address = ''] = text.split(/[?#]/, 1);
  const { key, qualifiers } = parseDigitalLink(address, {
    alphas: true,
    gtinLengths: [8, 12, 13, 14],
  });
  const hasSerial = qualifiers.some(({ ai }) => ai === '21');
  const finest = qualifiers.filter(({ ai }) => ai !== '22' && !(ai === '10' && hasSerial));
  return buildDigitalLink([key, ...finest]);
}
