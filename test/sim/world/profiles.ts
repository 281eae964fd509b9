// What may go wrong in a run. A seed draws one of these, and from it the rest.

export type ProfileName =
  | 'calm'
  | 'crash'
  | 'network'
  | 'slow'
  | 'clocks'
  | 'disk'
  | 'byzantine'
  | 'twins'
  | 'epochs'
  | 'upgrade'
  | 'queues'
  | 'quorum'
  | 'mixed';

export interface Profile {
  readonly name: ProfileName;
  /** How often it is drawn. */
  readonly weight: number;
  /** Virtual time of the first phase. */
  readonly faults_ms: readonly [number, number];
  /** Mean time between two faults; 0: none. */
  readonly fault_ms: number;
  /** What the faults are, by weight. */
  readonly faults: Readonly<Partial<Record<FaultName, number>>>;
  readonly weather: 'calm' | 'rough' | 'slow' | 'full';
  readonly hostile: 'none' | 'cabal' | 'twins' | 'any';
  readonly governance: boolean;
  readonly upgrade: boolean;
  /** Clients come to nodes without a seat alone, and no node offers a transaction again that it has once sent. */
  readonly offersOnce: boolean;
  /** As many validators as may fail never run: every vote of the others counts. */
  readonly bareQuorum: boolean;
  /** Mean time between two transactions. */
  readonly tx_ms: number;
}

export type FaultName =
  | 'crash'
  | 'crash-in-disk-call'
  | 'crash-at-send'
  | 'crash-all'
  | 'rolling'
  | 'stop'
  | 'partition'
  | 'one-way'
  | 'isolate'
  | 'reconnect'
  | 'weather'
  | 'disk-full'
  | 'disk-error'
  | 'rot'
  | 'old-backup'
  | 'old-guard'
  | 'lost-guard'
  | 'slow-disk'
  | 'clock-jump'
  | 'clock-rate';

const CRASHES = {
  crash: 4,
  'crash-in-disk-call': 5,
  'crash-at-send': 5,
  'crash-all': 2,
  rolling: 1,
  stop: 1,
} as const;
const NETWORK = { partition: 4, 'one-way': 3, isolate: 2, reconnect: 2, weather: 3 } as const;
const DISK = {
  'disk-full': 2,
  'disk-error': 2,
  rot: 3,
  'old-backup': 2,
  'old-guard': 1,
  'lost-guard': 1,
  'slow-disk': 2,
} as const;
const CLOCKS = { 'clock-jump': 3, 'clock-rate': 2 } as const;

function profile(name: ProfileName, weight: number, given: Partial<Profile>): Profile {
  return {
    name,
    weight,
    faults_ms: [3500, 8000],
    fault_ms: 1200,
    faults: {},
    weather: 'calm',
    hostile: 'none',
    governance: false,
    upgrade: false,
    offersOnce: false,
    bareQuorum: false,
    tx_ms: 300,
    ...given,
  };
}

export const PROFILES: readonly Profile[] = [
  profile('calm', 1, { fault_ms: 0, faults_ms: [3000, 6000] }),
  profile('crash', 4, { fault_ms: 900, faults: CRASHES }),
  profile('network', 3, { faults: NETWORK, weather: 'rough' }),
  profile('slow', 1, { fault_ms: 0, weather: 'slow' }),
  profile('clocks', 1, { faults: { ...CLOCKS, crash: 1 } }),
  profile('disk', 3, { faults: { ...DISK, crash: 2, 'crash-in-disk-call': 3 } }),
  profile('byzantine', 4, { faults: { weather: 1, partition: 1, crash: 1 }, hostile: 'cabal' }),
  profile('twins', 2, { faults: { ...NETWORK, crash: 3 }, hostile: 'twins', fault_ms: 1000 }),
  profile('epochs', 3, { faults: { ...CRASHES, weather: 2, isolate: 2 }, governance: true }),
  profile('upgrade', 2, { faults: { ...CRASHES, isolate: 1 }, upgrade: true, fault_ms: 2000 }),
  profile('queues', 1, { fault_ms: 0, weather: 'full', offersOnce: true, tx_ms: 60 }),
  profile('quorum', 1, { fault_ms: 0, faults_ms: [2000, 4000], bareQuorum: true }),
  profile('mixed', 5, {
    fault_ms: 900,
    faults: { ...CRASHES, ...NETWORK, ...DISK, ...CLOCKS },
    weather: 'rough',
    hostile: 'any',
    governance: true,
    upgrade: true,
  }),
];

export function profileOf(name: ProfileName): Profile {
  return PROFILES.find((one) => one.name === name)!;
}
