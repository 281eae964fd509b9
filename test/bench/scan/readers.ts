import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { HttpAnswer, HttpOrder } from './http-process.ts';

export interface Readers {
  /** Requests a second. Rejects when an answer was not 200. */
  rate(order: HttpOrder): Promise<number>;
  close(): void;
}

export function openReaders(): Readers {
  const script = fileURLToPath(new URL('./http-process.ts', import.meta.url));
  const child = fork(script, { execArgv: ['--import', 'tsx'] });
  return {
    rate: (order) =>
      new Promise((resolve, reject) => {
        const ended = (): void => reject(new Error('the readers ended early'));
        child.once('exit', ended);
        child.once('message', (message) => {
          child.off('exit', ended);
          const { requests_per_s, error } = message as HttpAnswer;
          if (error === undefined) resolve(requests_per_s);
          else reject(new Error(error));
        });
        child.send(order);
      }),
    close: () => void child.kill(),
  };
}
