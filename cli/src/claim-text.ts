// Claims as lines of a terminal: grade first, then what is said, with units that people use.

import type { Claim } from '@suyuan/contracts';

function mass(amount: number): string {
  return amount >= 10_000 ? `${trim(amount / 1000)} kg` : `${amount} g`;
}

function trim(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function span(duration_ms: number): string {
  const hours = duration_ms / 3_600_000;
  if (hours < 1) return `${Math.round(duration_ms / 60_000)} min`;
  return hours < 72 ? `${trim(hours)} h` : `${trim(hours / 24)} d`;
}

function day(time_ms: number): string {
  return `${new Date(time_ms).toISOString().slice(0, 16).replace('T', ' ')}Z`;
}

const UNITS: Record<string, { name: string; unit: string }> = {
  temperature: { name: 'temperature', unit: '°C' },
  humidity: { name: 'humidity', unit: '%RH' },
  mass: { name: 'mass', unit: 'kg' },
};

function climate(claim: Extract<Claim, { kind: 'climate' }>): string {
  const { name, unit } = UNITS[claim.quantity] ?? { name: claim.quantity, unit: '' };
  const range = `${trim(claim.min / 1000)} to ${trim(claim.max / 1000)} ${unit}, mean ${trim(claim.mean / 1000)}`;
  return `${name} ${range}: ${claim.count} readings, ${day(claim.from_ms)} to ${day(claim.to_ms)}`;
}

function ageing(claim: Extract<Claim, { kind: 'ageing' }>): string {
  const place = `${claim.place.name.zh} ${claim.place.name.en}`;
  // Not one reading: to say that there are no gaps between them would be odd.
  if (claim.covered_ms === 0)
    return `${place}: nothing measured in ${span(claim.to_ms - claim.from_ms)}`;
  const covered = `readings cover ${span(claim.covered_ms)} of ${span(claim.to_ms - claim.from_ms)}`;
  const proven = `${span(claim.proven_ms)} proven here`;
  const gaps =
    claim.gaps === 0 ? 'no gaps' : `${claim.gaps} gaps of ${span(claim.gap_ms)} together, unknown`;
  const late = claim.late === 0 ? '' : `; ${claim.late} readings came late`;
  const claimed =
    claim.claimed_months === null ? '' : `; label claims ${claim.claimed_months} months`;
  return `${place}: ${covered}, ${proven}; ${gaps}${late}${claimed}`;
}

type Of<Kind extends Claim['kind']> = Extract<Claim, { kind: Kind }>;

function amount(value: number, unit: 'g' | 'count'): string {
  return unit === 'g' ? mass(value) : `${value} pieces`;
}

function label(claim: Of<'label'>): string {
  const pack = `pack ${claim.number} of ${claim.count} in label batch ${claim.batch}, ${amount(claim.net, claim.unit)}, issued ${day(claim.issuedAt_ms)}`;
  const standing =
    claim.standing === 'active'
      ? ''
      : `; ${claim.voided === null ? claim.standing : `VOID: ${claim.voided.reason}`}`;
  return `${pack}${standing}${claim.hidden === 'none' ? '' : `; hidden code ${claim.hidden}`}`;
}

function balance(claim: Of<'mass'>): string {
  const inputs = claim.inputs.map((i) => `${amount(i.amount, i.unit)} ${i.product.en}`).join(' + ');
  const parts = (['left', 'labelled', 'used', 'lost', 'destroyed'] as const)
    .filter((part) => claim[part] > 0)
    .map((part) => `${amount(claim[part], claim.unit)} ${part}`);
  return `the lot made ${amount(claim.made, claim.unit)}${inputs === '' ? '' : ` out of ${inputs}`}: ${parts.join(', ')}`;
}

function recall(claim: Of<'recall'>): string {
  if (claim.recalls.length === 0)
    return claim.grade === 'proven' ? 'no open recall covers this lot' : 'not shown';
  return claim.recalls
    .map(
      (r) =>
        `RECALLED, level ${r.level}, ${day(r.since_ms)}, by ${r.opener.name.zh} ${r.opener.name.en}: ${r.reason}`,
    )
    .join('; ');
}

function step(s: Of<'policy'>['steps'][number]): string {
  const from = s.from.map((f) => amount(f.amount, f.unit)).join(' + ');
  const most = s.max === null ? 'no limit shown' : `at most ${amount(s.max, s.to.unit)}`;
  const verdict = s.within === 'no' ? ', BEYOND IT' : s.within === 'unknown' ? ', not judged' : '';
  return `${s.lot} ${s.process}: ${from} to ${amount(s.to.amount, s.to.unit)}, ${most} by ${s.policy.id} v${s.policy.version}${verdict}`;
}

function limit(claim: Of<'limit'>): string {
  if (claim.quantity === null) {
    const policy = claim.policy === null ? '' : ` of ${claim.policy.id} v${claim.policy.version}`;
    return `the limits${policy} for ${claim.product.en} are NOT SHOWN: whether they were passed is unknown`;
  }
  const { name, unit } = UNITS[claim.quantity] ?? { name: claim.quantity, unit: '' };
  const bound = `${name} ${claim.above ? 'above' : 'below'} ${trim(claim.limit / 1000)} ${unit} for ${span(claim.duration_ms)}`;
  const found =
    claim.excursions > 0
      ? `${claim.excursions} excursions, longest ${span(claim.longest_ms)}`
      : 'none shown';
  return `${bound}: ${found}; unknown for ${span(claim.unknown_ms)}`;
}

function words(claim: Claim): string {
  switch (claim.kind) {
    case 'label':
      return label(claim);
    case 'mass':
      return balance(claim);
    case 'recall':
      return recall(claim);
    case 'dispute':
      return `the origin of ${claim.lot} is ${claim.status === 'upheld' ? 'REFUTED' : 'DISPUTED'}${claim.reason === null ? '' : `: ${claim.reason}`}`;
    case 'quota':
      return `${amount(claim.drawn, claim.unit)} of ${amount(claim.granted, claim.unit)} of ${claim.product.en} drawn from ${claim.plots} plots, ${amount(claim.here, claim.unit)} by this chain`;
    case 'policy':
      return claim.steps.map(step).join('; ');
    case 'age':
      return `youngest part born ${day(claim.born_ms)}, ${span(claim.age_ms)} ago${claim.claimed_months === null ? '' : `; label claims ${claim.claimed_months} months`}${claim.auditors.length === 0 ? '' : `; audited by ${claim.auditors.map(({ id }) => id).join(', ')}`}`;
    case 'limit':
      return limit(claim);
    case 'document':
      return claim.document === null
        ? 'some papers are not shown'
        : `${claim.document.type}, ${claim.document.title}: ${claim.document.standing}, sha-256 ${claim.document.hash}`;
    case 'origin': {
      const places = claim.places.map(
        (p) => `${p.name.zh} ${p.name.en}, ${p.township.zh} ${p.township.en}`,
      );
      return `${places.join('; ')}${claim.basis === null ? '' : ` (${claim.basis})`}`;
    }
    case 'ageing':
      return ageing(claim);
    case 'spot-check':
      return `${claim.matched} of ${claim.picked} picked packs delivered and right, ${claim.missing} missing, ${claim.contradicted} contradicting`;
    case 'climate':
      return climate(claim);
    case 'devices':
      return claim.devices.map((d) => `${d.id} (${d.suite}, ${d.status})`).join(', ');
    case 'process-note':
      return claim.note;
    case 'freshness':
      return `state of ${day(claim.head_ms)}, ${span(claim.age_ms)} ago${claim.stale ? ': STALE, look again online' : ''}`;
  }
}

const GRADE_WIDTH = 14;
const KIND_WIDTH = 13;

export function claimLine(claim: Claim): string {
  const by = claim.by === undefined ? '' : ` [by ${claim.by.name.zh} ${claim.by.name.en}]`;
  return `${claim.grade.padEnd(GRADE_WIDTH)}${claim.kind.padEnd(KIND_WIDTH)}${words(claim)}${by}`;
}
