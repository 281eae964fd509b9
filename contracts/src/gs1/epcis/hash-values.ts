// The one spelling of a value in a pre-hash text (CBV 2.0 §8.9): times in UTC with milliseconds, numbers without idle
// zeros, identifiers as canonical Digital Links, old vocabulary URNs as web addresses.

import { isAppError } from '../../errors.ts';
import { canonicalDigitalLink } from '../canonical.ts';
import { parseTime } from './time.ts';

const CBV_URNS: readonly (readonly [urn: string, uri: string])[] = [
  ['urn:epcglobal:cbv:bizstep:', 'https://ref.gs1.org/cbv/BizStep-'],
  ['urn:epcglobal:cbv:disp:', 'https://ref.gs1.org/cbv/Disp-'],
  ['urn:epcglobal:cbv:btt:', 'https://ref.gs1.org/cbv/BTT-'],
  ['urn:epcglobal:cbv:sdt:', 'https://ref.gs1.org/cbv/SDT-'],
  ['urn:epcglobal:cbv:er:', 'https://ref.gs1.org/cbv/ER-'],
];

/** `YYYY-MM-DDThh:mm:ss.sssZ`; text that is no time stays as it is. */
export function canonicalTime(text: string): string {
  return parseTime(text)?.utc ?? text;
}

const NUMBER = /^([+-]?)(\d{1,1100})?(?:\.(\d{0,1100}))?(?:[eE]([+-]?\d{1,3}))?$/;

/** A number in its shortest form without exponent; text that is no number stays as it is. Exact: no binary fractions. */
export function canonicalNumber(text: string): string {
  const match = NUMBER.exec(text);
  if (match === null) return text;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return text;
  const point = whole.length + Number(exponent);
  const digits = whole + fraction;
  const before = point <= 0 ? '' : digits.slice(0, point).padEnd(point, '0');
  const after = point < 0 ? '0'.repeat(-point) + digits : digits.slice(point);
  const integer = before.replace(/^0+/, '') || '0';
  const decimals = after.replace(/0+$/, '');
  const value = decimals === '' ? integer : `${integer}.${decimals}`;
  return sign === '-' && value !== '0' ? `-${value}` : value;
}

/** Keys by which a link names something, with the value and the qualifiers that may follow. */
const LINK =
  /^https?:\/\/[^?#]*?\/((?:00|402|8017|8018)\/\d{17,18}|01\/\d{14}(?:\/(?:10|21|235)\/[^/?#]{1,60})?|(?:253|255|417)\/\d{13}[^/?#]{0,51}|414\/\d{13}(?:\/254\/[^/?#]{1,60})?|8003\/\d{14}[^/?#]{0,48}|8006\/\d{18}(?:\/(?:10|21)\/[^/?#]{1,60})?)\/?(?:[?#].*)?$/;

/**
 * The canonical Digital Link of a link or EPC URN of a GS1 key, or the text as it is. A link whose value is false (a check
 * digit, mostly) still loses its resolver: the same label must not give two events.
 */
function canonicalId(text: string): string {
  if (!text.startsWith('urn:epc:') && !/^https?:\/\//i.test(text)) return text;
  try {
    // The characters that the reference vectors leave unencoded; both spellings mean the same link.
    return canonicalDigitalLink(text)
      .replaceAll('%27', "'")
      .replaceAll('%3B', ';')
      .replaceAll('%3D', '=');
  } catch (error) {
    if (!isAppError(error, 'gs1')) throw error;
    const key = text.length > 2048 ? undefined : LINK.exec(text)?.[1];
    return key === undefined ? text : `https://id.gs1.org/${key}`;
  }
}

/** The spelling of any value that is not a time. */
export function canonicalValue(text: string): string {
  const trimmed = text.trim();
  const urn = CBV_URNS.find(([prefix]) => trimmed.startsWith(prefix));
  if (urn !== undefined) return urn[1] + trimmed.slice(urn[0].length);
  return canonicalId(canonicalNumber(trimmed));
}
