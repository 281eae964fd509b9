// Disputes about an origin in EPCIS. CBV 2.0 §7.2 has no disposition for goods whose origin is disputed, and none of its words
// is near enough, so these events have neither bizStep nor disposition: what they say stands in fields of our own.

import { getCase } from '../../../rules/cases/case.ts';
import { classOf, type Draft, type GoodsRef, type Mapping, own } from './terms.ts';

function aboutOrigin(
  lot: GoodsRef,
  dispute: string,
  origin: 'disputed' | 'upheld' | 'dismissed',
  reason: string,
): Draft {
  return {
    goods: true,
    fields: {
      type: 'ObjectEvent',
      action: 'OBSERVE',
      quantityList: [classOf(lot)],
      ...own({
        case: dispute,
        origin: origin === 'disputed' ? origin : `dispute-${origin}`,
        reason,
      }),
    },
  };
}

const refute: Mapping<GoodsRef & { readonly case: string; readonly reason: string }> = (p) => [
  aboutOrigin(p, p.case, 'disputed', p.reason),
];

const decide: Mapping<{
  readonly case: string;
  readonly outcome: 'upheld' | 'dismissed';
  readonly decision: string;
}> = (p, _tx, state) => {
  const found = getCase(state, p.case);
  return found === undefined ? [] : [aboutOrigin(found, p.case, p.outcome, p.decision)];
};

export const CASE_MAPPINGS = { 'cases.refute': refute, 'cases.decide': decide } as const;
