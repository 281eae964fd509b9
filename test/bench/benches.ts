import type { Bench } from './bench.ts';

export interface BenchEntry {
  readonly name: string;
  readonly about: string;
  /** Loads the rooms that it measures. */
  readonly load: () => Promise<Bench>;
}

export const BENCHES: readonly BenchEntry[] = [
  {
    name: 'verify',
    about: 'signatures a second of each suite, beside the library’s bare loop',
    load: async () => (await import('./verify.ts')).verifyBench,
  },
  {
    name: 'ingest',
    about: 'MQTT to PUBACK through the whole house, beside what the cores could verify',
    load: async () => (await import('./ingest/ingest.ts')).ingestBench,
  },
  {
    name: 'store',
    about: 'rows a second into the column store, beside the same rows ready made',
    load: async () => (await import('./store.ts')).storeBench,
  },
  {
    name: 'scan',
    about: 'bundles a second beside a bare route, script size, verification in Chromium',
    load: async () => (await import('./scan/scan.ts')).scanBench,
  },
  {
    name: 'trace',
    about: 'lots traced among 1 M and 10 M, beside PostgreSQL and a bare walk',
    load: async () => (await import('./trace/trace.ts')).traceBench,
  },
  {
    name: 'chain',
    about: 'four validators: transactions a second, finality, idle cost, catching up, large states',
    load: async () => (await import('./chain/chain.ts')).chainBench,
  },
];
