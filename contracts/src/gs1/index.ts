// GS1 identifiers: check digits, Application Identifiers, Digital Link URIs, EPC URNs.

export { hasPredefinedLength } from './ai-table.ts';
export { type AiElement, assertAiValue } from './ai-value.ts';
export { type BuildOptions, buildDigitalLink, CANONICAL_STEM } from './build-digital-link.ts';
export { canonicalDigitalLink } from './canonical.ts';
export {
  assertGln,
  assertGtin14,
  checkDigit,
  hasCheckDigit,
  isGln,
  isGtin14,
  toGtin14,
} from './check-digit.ts';
export { type DigitalLink, type DigitalLinkOptions, parseDigitalLink } from './digital-link.ts';
export { parseElementString, toElementString } from './element-string.ts';
export { epcUrnToElements } from './epc-urn.ts';
export * from './epcis/index.ts';
