import { cpus, loadavg } from 'node:os';
import type { BenchRow } from './bench.ts';

/** Date, machine and how busy it was: a figure means nothing without them. */
export function machine(): string {
  const [load] = loadavg();
  const day = new Date().toISOString().slice(0, 10);
  return `${day} · ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}) · Node ${process.versions.node} · load ${(load ?? 0).toFixed(1)}`;
}

/** As docs/benchmarks.md has it. */
export function table(rows: readonly BenchRow[]): string {
  const lines = rows.map(({ what, figure, beside, floor, met }) => {
    const verdict = met === undefined ? '' : met ? 'met' : 'missed';
    return `| ${[what, figure, beside, floor, verdict].join(' | ')} |`;
  });
  return ['| what | figure | beside | floor | |', '|---|---|---|---|---|', ...lines].join('\n');
}
