import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { HttpAnswer, HttpOrder } from './http-process.ts';

export interface Readers {
  /** Rejects when an answer was not 200. */
  ask(order: HttpOrder): Promise<HttpAnswer>;
  close(): void;
}

export function openReaders(): Readers {
  const script = fileURLToPath(new URL('./http-process.ts', import.meta.url));
  const child = fork(script, { execArgv: ['--import', 'tsx'] });
  return {
    ask: (order) =>
      new Promise((resolve, reject) => {
        const ended = (): void => reject(new Error('the readers ended early'));
        child.once('exit', ended);
        child.once('message', (message) => {
          child.off('exit', ended);
          const answer = message as HttpAnswer;
          if (answer.error === undefined) resolve(answer);
          else reject(new Error(answer.error));
        });
        child.send(order);
      }),
    close: () => void child.kill(),
  };
}
