// EPC URNs (EPC Tag Data Standard 2.0 §6) to the elements of the GS1 key that they name. A URN writes the company prefix and
// the reference apart and leaves the check digit out.

import { AppError } from '../errors.ts';
import { type AiElement, assertAiValue } from './ai-value.ts';
import { checkDigit } from './check-digit.ts';
import { decodePercent } from './percent.ts';

interface Scheme {
  readonly ai: string;
  /** Digits of company prefix and reference together; 0: the reference is text and takes the rest. */
  readonly digits: number;
  /** The first digit of the reference (indicator, extension) stands before the company prefix in the key. */
  readonly indicator?: true;
  /** Put in front of the key. */
  readonly prefix?: string;
  /** `'join'`: the serial is appended to the key's value; otherwise it is the value of this AI. */
  readonly serial?: 'join' | string;
  /** ITIP: piece and total between reference and serial. */
  readonly pieces?: true;
}

const SCHEMES: Readonly<Record<string, Scheme>> = {
  sgtin: { ai: '01', digits: 13, indicator: true, serial: '21' },
  lgtin: { ai: '01', digits: 13, indicator: true, serial: '10' },
  upui: { ai: '01', digits: 13, indicator: true, serial: '235' },
  itip: { ai: '8006', digits: 13, indicator: true, serial: '21', pieces: true },
  sscc: { ai: '00', digits: 17, indicator: true },
  sgln: { ai: '414', digits: 12, serial: '254' },
  pgln: { ai: '417', digits: 12 },
  grai: { ai: '8003', digits: 12, prefix: '0', serial: 'join' },
  gdti: { ai: '253', digits: 12, serial: 'join' },
  sgcn: { ai: '255', digits: 12, serial: 'join' },
  gsrn: { ai: '8018', digits: 17 },
  gsrnp: { ai: '8017', digits: 17 },
  gsin: { ai: '402', digits: 16 },
  giai: { ai: '8004', digits: 0 },
  ginc: { ai: '401', digits: 0 },
  cpi: { ai: '8010', digits: 0, serial: '8011' },
};

const URN_LENGTH_MAX = 512;

function notAnEpc(): AppError {
  return new AppError('gs1/not-an-epc', 'This is no EPC URN of a GS1 key.');
}

function keyValue(scheme: Scheme, company: string, reference: string): string {
  if (scheme.digits === 0) return company + reference;
  if (!/^\d*$/.test(reference) || company.length + reference.length !== scheme.digits) {
    throw notAnEpc();
  }
  const body =
    scheme.indicator === true
      ? reference.slice(0, 1) + company + reference.slice(1)
      : company + reference;
  return `${scheme.prefix ?? ''}${body}${checkDigit(body)}`;
}

/**
 * The elements that an EPC URN names: `urn:epc:id:…`, `urn:epc:class:lgtin:…`, or `urn:epc:idpat:…` with `*` for the serial.
 * Throws `gs1/not-an-epc`, `gs1/bad-value` or `gs1/bad-percent-encoding`.
 */
export function epcUrnToElements(urn: string): AiElement[] {
  const match =
    urn.length > URN_LENGTH_MAX
      ? null
      : /^urn:epc:(id|class|idpat):([a-z]+):(\d{6,12})\.([^.]*)(?:\.(.*))?$/.exec(urn);
  if (match === null) throw notAnEpc();
  const [, kind, name = '', company = '', reference = '', tail] = match;
  const scheme = Object.hasOwn(SCHEMES, name) ? SCHEMES[name]! : undefined;
  if (scheme === undefined || (kind === 'class') !== (name === 'lgtin')) throw notAnEpc();
  // A text reference may itself hold dots: they belong to the serial only where the scheme has one.
  const hasSerial = scheme.serial !== undefined;
  if (!hasSerial && scheme.digits > 0 && tail !== undefined) throw notAnEpc();
  const text = !hasSerial && tail !== undefined ? `${reference}.${tail}` : reference;
  let value = keyValue(scheme, company, decodePercent(text, false));
  let serial = hasSerial ? tail : undefined;
  if (hasSerial && serial === undefined) throw notAnEpc();
  if (scheme.digits === 0 && hasSerial) {
    const dot = serial!.lastIndexOf('.');
    if (dot >= 0) {
      value += decodePercent(`.${serial!.slice(0, dot)}`, false);
      serial = serial!.slice(dot + 1);
    }
  }
  if (scheme.pieces === true) {
    const parts = /^(\d\d)\.(\d\d)\.(.*)$/.exec(serial!);
    if (parts === null) throw notAnEpc();
    value += parts[1]! + parts[2]!;
    serial = parts[3]!;
  }
  return withSerial(scheme, value, kind === 'idpat', serial);
}

function withSerial(
  scheme: Scheme,
  value: string,
  isPattern: boolean,
  encoded: string | undefined,
): AiElement[] {
  if (isPattern && encoded !== '*') throw notAnEpc();
  // An SGLN without extension is written with extension 0.
  const serial =
    isPattern || encoded === undefined || (scheme.serial === '254' && encoded === '0')
      ? undefined
      : decodePercent(encoded, false);
  const elements: AiElement[] = [{ ai: scheme.ai, value }];
  if (serial !== undefined) {
    if (serial === '') throw notAnEpc();
    if (scheme.serial === 'join') elements[0] = { ai: scheme.ai, value: value + serial };
    else elements.push({ ai: scheme.serial!, value: serial });
  }
  for (const element of elements) assertAiValue(element.ai, element.value);
  return elements;
}
