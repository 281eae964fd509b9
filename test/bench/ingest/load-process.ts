// The load: devices in a process of their own, so that what they cost is not the gateway's. They share the machine's cores.

import { BenchDevice } from '../signer.ts';
import { DeviceConnection } from './connection.ts';
import type { LoadAnswer, LoadOrder } from './messages.ts';

let connections: readonly DeviceConnection[] = [];

function now_ms(): number {
  return performance.timeOrigin + performance.now();
}

async function follow(order: LoadOrder): Promise<LoadAnswer> {
  switch (order.order) {
    case 'connect': {
      const { port, suite, from, devices } = order;
      const numbers = Array.from({ length: devices }, (_, i) => from + i);
      connections = await Promise.all(
        numbers.map((number) => DeviceConnection.open(new BenchDevice(suite, number), port)),
      );
      return { done: 'connect' };
    }
    case 'sign':
      for (const connection of connections) connection.sign(order.packs, order.readings);
      return { done: 'sign' };
    case 'go': {
      const cpu = process.cpuUsage();
      const start_ms = now_ms();
      const counts = await Promise.all(connections.map((connection) => connection.run()));
      const end_ms = now_ms();
      const { user, system } = process.cpuUsage(cpu);
      const acked = counts.reduce((sum, count) => sum + count, 0);
      return { done: 'go', acked, start_ms, end_ms, cpu_ms: (user + system) / 1000 };
    }
    case 'disconnect':
      for (const connection of connections) connection.close();
      return { done: 'disconnect' };
  }
}

process.on('message', (order: LoadOrder) => {
  follow(order).then(
    (answer) => process.send?.(answer),
    (error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      process.send?.({ done: 'failed', message } satisfies LoadAnswer);
    },
  );
});
