import { Counter, Gauge, Registry } from 'prom-client';
import type { GatewaySummary } from './status.ts';

/** Undefined while the gateway does not run: then the metrics keep what they had. */
type Source = () => GatewaySummary | undefined;

/** Prometheus metrics, read from the gateway's own books when they are asked for. */
export function createMetrics(source: Source): Registry {
  const registry = new Registry();
  const registers = [registry];
  const outcomes = ['received', 'stored', 'quarantined', 'duplicate'] as const;
  new Counter({
    name: 'suyuan_gateway_packs_total',
    help: 'Packs by what became of them.',
    labelNames: ['outcome'],
    registers,
    collect() {
      const packs = source()?.packs;
      if (packs === undefined) return;
      this.reset();
      for (const outcome of outcomes) this.inc({ outcome }, packs[outcome]);
    },
  });
  gauge('suyuan_gateway_packs_in_flight', 'Received and not yet stored.', (s) => s.packs.inFlight);
  gauge('suyuan_gateway_connections', 'Open sockets.', (s) => s.connections);
  gauge('suyuan_gateway_batches_closed', 'Batches closed.', (s) => s.batches.closed);
  gauge('suyuan_gateway_batches_stored', 'Batches in the column store.', (s) => s.batches.stored);
  gauge('suyuan_gateway_batches_anchored', 'Batches on the ledger.', (s) => s.batches.anchored);
  gauge('suyuan_gateway_failed', '1 when the gateway has stopped itself.', (s) =>
    s.failure === null ? 0 : 1,
  );
  labelled('suyuan_gateway_quarantined_total', 'Bad packs.', 'reason', (s) => s.quarantine.reasons);
  labelled('suyuan_gateway_refused_total', 'Refused connections.', 'code', (s) => s.refusals);
  labelled('suyuan_gateway_alarms_total', 'Alarms.', 'kind', (s) => s.alarms.counts);
  return registry;

  function gauge(name: string, help: string, value: (summary: GatewaySummary) => number): void {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        const summary = source();
        if (summary !== undefined) this.set(value(summary));
      },
    });
  }

  function labelled(
    name: string,
    help: string,
    label: string,
    values: (summary: GatewaySummary) => Readonly<Record<string, number>>,
  ): void {
    new Counter({
      name,
      help,
      labelNames: [label],
      registers,
      collect() {
        const summary = source();
        if (summary === undefined) return;
        this.reset();
        for (const [key, value] of Object.entries(values(summary))) {
          this.inc({ [label]: key }, value);
        }
      },
    });
  }
}
