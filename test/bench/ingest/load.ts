import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LoadAnswer, LoadOrder } from './messages.ts';

interface Worker {
  readonly child: ChildProcess;
  /** Rejects when the process ends. */
  readonly ended: Promise<never>;
}

function start(script: string): Worker {
  const child = fork(script, { execArgv: ['--import', 'tsx'] });
  const ended = new Promise<never>((_, reject) => {
    child.once('exit', () => reject(new Error('a load process ended early')));
  });
  // It ends in the end; who waits for an answer hears of it.
  ended.catch(() => {});
  return { child, ended };
}

/** The load processes, ordered about as one. */
export class Load {
  readonly #workers: readonly Worker[];

  constructor(processes: number) {
    const script = fileURLToPath(new URL('./load-process.ts', import.meta.url));
    this.#workers = Array.from({ length: processes }, () => start(script));
  }

  get processes(): number {
    return this.#workers.length;
  }

  /** Resolves with the answers of all; rejects when one failed or ended. */
  async all(order: LoadOrder | ((index: number) => LoadOrder)): Promise<readonly LoadAnswer[]> {
    return Promise.all(
      this.#workers.map(async ({ child, ended }, index) => {
        const answered = new Promise<LoadAnswer>((resolve) => {
          child.once('message', (answer) => resolve(answer as LoadAnswer));
        });
        child.send(typeof order === 'function' ? order(index) : order);
        const answer = await Promise.race([answered, ended]);
        if (answer.done === 'failed') throw new Error(answer.message);
        return answer;
      }),
    );
  }

  close(): void {
    for (const { child } of this.#workers) child.kill();
  }
}
