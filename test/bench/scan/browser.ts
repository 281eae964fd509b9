// The scan page in Chromium, and how long its worker takes for the bundle.

import { openBrowser, openPage } from '../../e2e/support/browser.ts';
import { median } from '../measure.ts';

interface Seen {
  /** From the bundle's handing over to the verdict: with the start of the worker and of its script. */
  readonly elapsed_ms: number;
  /** What the worker itself counts: computing alone. */
  readonly computing_ms: number;
  readonly signatures: number;
}

/** Put into the page before its scripts: listens along with whoever starts a worker. */
const LISTEN = `
  window.seen = new Promise((resolve) => {
    const Real = window.Worker;
    window.Worker = class extends Real {
      postMessage(...message) {
        const start = performance.now();
        this.addEventListener('message', ({ data }) => {
          if (data.type === 'broken') resolve({ broken: data.broken.code });
          if (data.type !== 'proof') return;
          const { proof } = data;
          const { counts } = proof.verdict;
          resolve({
            elapsed_ms: performance.now() - start,
            computing_ms: proof.elapsed_ms,
            signatures: counts.signatures,
          });
        });
        super.postMessage(...message);
      }
    };
  });
`;

export interface BrowserFigures extends Seen {
  readonly rounds: number;
}

/** Opens the page `rounds` times, each time as a phone that never saw it. */
export async function browserVerify(url: string, rounds: number): Promise<BrowserFigures> {
  const browser = await openBrowser();
  const all: Seen[] = [];
  try {
    for (let round = 0; round < rounds; round += 1) {
      const { page, context } = await openPage(browser);
      await page.addInitScript(LISTEN);
      await page.goto(url);
      const seen = await page.evaluate<Seen | { readonly broken: string }>('window.seen');
      if ('broken' in seen) throw new Error(`the bundle does not verify: ${seen.broken}`);
      all.push(seen);
      await context.close();
    }
  } finally {
    await browser.close();
  }
  const [first] = all;
  if (first === undefined) throw new Error('the page was never opened');
  return {
    ...first,
    elapsed_ms: median(all.map((seen) => seen.elapsed_ms)),
    computing_ms: median(all.map((seen) => seen.computing_ms)),
    rounds,
  };
}
