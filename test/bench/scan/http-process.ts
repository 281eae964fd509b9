// The readers: keep-alive connections in a process of their own, each with one request under way. They share the machine's
// cores with the server.

import { once } from 'node:events';
import { createConnection } from 'node:net';

export interface HttpOrder {
  readonly port: number;
  readonly path: string;
  readonly connections: number;
  readonly time_ms: number;
}

export interface HttpAnswer {
  readonly requests: number;
  readonly requests_per_s: number;
  readonly error?: string;
}

const HEAD_END = '\r\n\r\n';

/** Bytes of the whole response, or undefined while its head is not there yet. */
function responseBytes(received: Buffer): number | undefined {
  const headEnd = received.indexOf(HEAD_END);
  if (headEnd < 0) return undefined;
  const head = received.toString('latin1', 0, headEnd);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (!head.startsWith('HTTP/1.1 200 ') || length === undefined) {
    throw new Error(`unexpected answer: ${head.slice(0, 200)}`);
  }
  return headEnd + HEAD_END.length + Number(length);
}

async function readOver(order: HttpOrder, until_ms: number): Promise<number> {
  const socket = createConnection({ host: '127.0.0.1', port: order.port, noDelay: true });
  await once(socket, 'connect');
  const request = `GET ${order.path} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/cbor\r\n\r\n`;
  let count = 0;
  let chunks: Buffer[] = [];
  let got_bytes = 0;
  let wanted_bytes: number | undefined;
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server closed a connection')));
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      got_bytes += chunk.length;
      try {
        wanted_bytes ??= responseBytes(Buffer.concat(chunks));
      } catch (error) {
        reject(error);
        return;
      }
      if (wanted_bytes === undefined || got_bytes < wanted_bytes) return;
      count += 1;
      chunks = [];
      got_bytes = 0;
      wanted_bytes = undefined;
      if (performance.now() < until_ms) socket.write(request);
      else resolve();
    });
    socket.write(request);
  });
  socket.destroy();
  return count;
}

process.on('message', (order: HttpOrder) => {
  const start_ms = performance.now();
  const until_ms = start_ms + order.time_ms;
  const readers = Array.from({ length: order.connections }, () => readOver(order, until_ms));
  Promise.all(readers).then(
    (counts) => {
      const requests = counts.reduce((sum, count) => sum + count, 0);
      const seconds = (performance.now() - start_ms) / 1000;
      process.send?.({ requests, requests_per_s: requests / seconds } satisfies HttpAnswer);
    },
    (error: unknown) => {
      process.send?.({ requests: 0, requests_per_s: 0, error: String(error) } satisfies HttpAnswer);
    },
  );
});
