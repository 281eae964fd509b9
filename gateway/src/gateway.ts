// A gateway as its launcher sees it.

import type { Registry } from 'prom-client';
import { gatewayError } from './errors.ts';
import { resolveLimits } from './limits.ts';
import { createMetrics } from './metrics.ts';
import type { GatewayOptions, GatewayParts } from './options.ts';
import { type RunningGateway, startGateway } from './start.ts';

export interface Gateway extends RunningGateway {
  /** Opens the journal, brings the store up to it, listens. Throws one AppError or `durable/*` error that says what to do. */
  start(): Promise<void>;
  readonly metrics: Registry;
}

export function createGateway(options: GatewayOptions, parts: GatewayParts): Gateway {
  const limits = resolveLimits(options.limits);
  let running: RunningGateway | undefined;
  let starting = false;
  const get = (): RunningGateway => {
    if (running === undefined) {
      throw gatewayError('gateway/stopped', 'The gateway does not run; call start() first.');
    }
    return running;
  };
  return {
    async start() {
      if (running !== undefined || starting) {
        throw gatewayError('gateway/bad-options', 'The gateway runs already.');
      }
      starting = true;
      try {
        running = await startGateway(options, limits, parts);
      } finally {
        starting = false;
      }
    },
    async stop() {
      const was = running;
      running = undefined;
      await was?.stop();
    },
    status: () => get().status(),
    summary: () => get().summary(),
    closeBatch: () => get().closeBatch(),
    drained: async () => get().drained(),
    reconcileStatements: async () => get().reconcileStatements(),
    command: async (deviceId, payload) => get().command(deviceId, payload),
    metrics: createMetrics(() => running?.summary()),
    get port() {
      return running?.port ?? 0;
    },
  };
}
