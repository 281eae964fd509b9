// What no page may have: faults of weight for people who do not see or point well.

import axe from 'axe-core';
import type { Page } from 'playwright-core';

const TARGETS =
  'button:visible, a.button:visible, nav a:visible, select:visible, summary:visible, input:visible';

/** Faults of weight that axe-core finds, each with where it is. */
export async function axeFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<axe.AxeResults>(
    "axe.run(document, { resultTypes: ['violations'] })",
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}`));
}

/** Targets that a thumb misses. */
export async function smallTargets(page: Page): Promise<string[]> {
  const small: string[] = [];
  for (const target of await page.locator(TARGETS).all()) {
    const box = await target.boundingBox();
    // The link that skips to the content stands outside the window until it has the focus.
    if (box === null || box.y + box.height <= 0) continue;
    if (box.height < 47.5 || box.width < 47.5) {
      small.push(`${await target.textContent()}: ${box.width} × ${box.height}`);
    }
  }
  return small;
}
