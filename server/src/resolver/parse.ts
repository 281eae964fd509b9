// Digital Link URIs as this server reads them: the path after any host, with or without a trailing slash.

import {
  type AiElement,
  isDeviceId,
  type Subject as LotSubject,
  parseDigitalLink,
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

/** Stands in for whatever host the link was printed with: it plays no part in what the link names. */
const ORIGIN = 'https://id.gs1.org';

/** What a link, or the path of a request, names. Throws `gs1/*` or `http/malformed`. */
export function subjectOf(uri: string): Subject {
  const path = uri.replace(/^https?:\/\/[^/?#]*/i, '').replace(/\/(?=[?#]|$)/, '');
  if (!path.startsWith('/')) throw malformed('link', 'The link must be a path or an http(s) URI.');
  const link = parseDigitalLink(`${ORIGIN}${path}`, { gtinLengths: [8, 12, 13, 14] });
  if (link.stem !== ORIGIN) throw malformed('link', 'The path must begin with the key.');
  const qualifiers = new Map(link.qualifiers.map(({ ai, value }) => [ai, value]));
  return subjectOfKey(link.key, qualifiers);
}

function subjectOfKey({ ai, value }: AiElement, qualifiers: ReadonlyMap<string, string>): Subject {
  if (ai !== '01') {
    // Qualifiers of the other keys are read, and nothing is recorded under them.
    if (qualifiers.size > 0) return { kind: 'other' };
    if (ai === '414') return { kind: 'place', gln: value };
    return ai === '8004' && isDeviceId(value) ? { kind: 'device', id: value } : { kind: 'other' };
  }
  // A consumer product variant (22) is read and plays no part here.
  const [lot, serial] = [qualifiers.get('10'), qualifiers.get('21')];
  if (qualifiers.has('235')) return { kind: 'other' };
  return {
    kind: 'product',
    gtin: value,
    ...(lot === undefined ? {} : { lot }),
    ...(serial === undefined ? {} : { serial }),
  };
}

/** The product, lot or unit that a link names. Throws `gs1/*` or `http/malformed`. */
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
