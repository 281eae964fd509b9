// Every step of the chain judged anew by the policy that it names (docs/formats.md §8, *Policies*). A validator that let too
// much through is found by any phone.

import { type Lot, type LotInput, lotKey } from '../rules/lots/lot.ts';
import { yieldLimitOf } from '../rules/lots/yield-limit.ts';
import { getPolicy, type Policy, type PolicyRef, policyKey } from '../rules/policies/policy.ts';
import { getProduct } from '../rules/products/product.ts';
import { inputsOf } from './trade-claims.ts';
import type { Claim, YieldStep } from './verdict.ts';
import { policyView, productOf, stateEvidence, type Verified } from './verified.ts';

const PPM = 1_000_000n;
/** These conserve: no policy says what comes out of them. */
const CONSERVING = ['split', 'merge'];

export function policyClaim(v: Verified): Claim[] {
  const judged = v.lineage.lots.flatMap((lot) =>
    lot.policy === undefined || lot.inputs.length === 0 ? [] : stepOf(v, lot, lot.policy),
  );
  if (judged.length === 0) return [];
  return [
    {
      kind: 'policy',
      grade:
        judged.every(({ within }) => within === 'yes') && !v.lineage.truncated
          ? 'proven'
          : 'unknown',
      evidence: stateEvidence(
        ...judged.flatMap(({ key, policy }) => [policyKey(policy.id, policy.version), key]),
      ),
      steps: judged.map(({ key: _, ...step }) => step),
    },
  ];
}

function stepOf(v: Verified, lot: Lot, ref: PolicyRef): (YieldStep & { readonly key: string })[] {
  const policy = getPolicy(v.state, ref);
  const conserves = CONSERVING.includes(lot.process);
  if (policy !== undefined && policy.yields === undefined && !conserves) return [];
  const max = conserves ? sumOf(lot.inputs) : policy && mostOf(v, policy, lot);
  const { name, unit } = productOf(v.state, lot.gtin);
  const known = max !== undefined && getProduct(v.state, lot.gtin) !== undefined;
  return [
    {
      key: lotKey(lot.gtin, lot.lot),
      lot: lot.lot,
      process: lot.process,
      policy: policyView(ref, policy),
      from: inputsOf(v, lot),
      to: { product: name, unit, amount: lot.made },
      max: max === undefined || max === null ? null : Number(max),
      // A policy without such a step allows none of it.
      within: !known ? 'unknown' : BigInt(lot.made) <= (max ?? 0n) ? 'yes' : 'no',
    },
  ];
}

function sumOf(inputs: readonly LotInput[]): bigint {
  return inputs.reduce((sum, { amount }) => sum + BigInt(amount), 0n);
}

/** The most that may come out; null where an input has no such step, undefined where an input is beyond the chain shown. */
function mostOf(v: Verified, policy: Policy, lot: Lot): bigint | null | undefined {
  let sum = 0n;
  for (const input of lot.inputs) {
    const source = v.lineage.lots.find((l) => l.gtin === input.gtin && l.lot === input.lot);
    if (source === undefined) return undefined;
    const limit = yieldLimitOf(policy.yields ?? [], {
      process: lot.process,
      from: input.gtin,
      to: lot.gtin,
      season: source.season,
    });
    if (limit === undefined) return null;
    sum += BigInt(input.amount) * BigInt(limit.max_ppm);
  }
  return sum / PPM;
}
