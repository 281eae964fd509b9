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
  const covered = `readings cover ${span(claim.covered_ms)} of ${span(claim.to_ms - claim.from_ms)}`;
  const proven = `${span(claim.proven_ms)} proven here`;
  const gaps =
    claim.gaps === 0 ? 'no gaps' : `${claim.gaps} gaps of ${span(claim.gap_ms)} together, unknown`;
  const late = claim.late === 0 ? '' : `; ${claim.late} readings came late`;
  const claimed =
    claim.claimed_months === null ? '' : `; label claims ${claim.claimed_months} months`;
  return `${claim.place.name.zh} ${claim.place.name.en}: ${covered}, ${proven}; ${gaps}${late}${claimed}`;
}

function words(claim: Claim): string {
  switch (claim.kind) {
    case 'label':
      return `pack ${claim.number} of ${claim.count} in label batch ${claim.batch}, ${mass(claim.net)}, issued ${day(claim.issuedAt_ms)}`;
    case 'mass': {
      const inputs = claim.inputs_g > 0 ? ` out of ${mass(claim.inputs_g)}` : '';
      return `the lot made ${mass(claim.made)}${inputs}; ${mass(claim.labelled)} is under labels`;
    }
    case 'origin':
      return claim.places
        .map((p) => `${p.name.zh} ${p.name.en}, ${p.township.zh} ${p.township.en}`)
        .join('; ');
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
