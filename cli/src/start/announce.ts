// What the terminal shows of a house: addresses, how far the season is, a pack to scan.

import { renderUnicodeCompact } from 'uqr';
import type { Story } from '../demo/progress.ts';
import type { House } from '../house/house.ts';
import { reachableHost } from './addresses.ts';

export function baseUrl(house: House, host: string): string {
  return `http://${reachableHost(host)}:${house.httpPort}`;
}

export function announce(house: House, host: string, directory: string, fresh: boolean): void {
  const base = baseUrl(house, host);
  const ledger = fresh ? 'a new ledger' : `a ledger of ${house.node.height()} blocks`;
  const lines = [
    '',
    `  溯源 Suyuan    ${ledger} in ${directory}`,
    '',
    `  products       ${base}/`,
    `  status         ${base}/status`,
    `  API            ${base}/docs`,
    `  devices        mqtt://${reachableHost(host)}:${house.mqttPort}`,
    `  genesis        ${Buffer.from(house.genesisHash).toString('hex')}`,
    '',
  ];
  console.log(lines.join('\n'));
}

export interface SeasonLine {
  show(lived: number, total: number): void;
  /** The next line begins at the left. */
  end(): void;
}

/** One line that is written over on a terminal; in a file, a line each quarter. */
export function createSeasonLine(): SeasonLine {
  const isTerminal = process.stdout.isTTY;
  let told = -1;
  let open = false;
  return {
    show(lived, total) {
      const percent = Math.floor((100 * lived) / total);
      if (percent <= told) return;
      if (isTerminal) {
        told = percent;
        open = true;
        process.stdout.write(`\r  demo season    ${percent} % lived through`);
      } else if (percent === 100 || percent >= told + 25) {
        told = percent;
        console.log(`  demo season    ${percent} % lived through`);
      }
    },
    end() {
      if (open) process.stdout.write('\n');
      open = false;
    },
  };
}

export function showSample(url: string): void {
  const code = renderUnicodeCompact(url, { border: 1 })
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
  const local = new URL(url).hostname === 'localhost';
  const hint = local ? '\n  (phones reach it after a start with --host 0.0.0.0)' : '';
  console.log(`\n  a pack of chenpi to scan:\n\n${code}\n\n  ${url}${hint}`);
}

const STORIES: readonly (readonly [keyof Story, string])[] = [
  ['aged', '陈年陈皮 aged chenpi'],
  ['outages', '断电的仓 a room with outages'],
  ['rice', '台山大米 Taishan rice'],
  ['excursion', '途中升温的凉瓜 melons that grew warm'],
  ['recalled', '召回的大米 recalled rice'],
  ['refuted', '来源被否认 refuted origin'],
  ['copied', '被复制的标签 copied label'],
  ['overClaim', '超额收购被拒 over-claim refused'],
  ['secondReveal', '二次揭码被拒 second reveal refused'],
  ['recall', '召回 recall'],
  ['drill', '模拟召回 recall drill'],
];

/** Where to look; docs/demo.md walks through them. */
export function showStories(base: string, stories: Partial<Story>): void {
  const told = STORIES.filter(([story]) => stories[story] !== undefined);
  if (told.length === 0) return;
  const lines = told.map(([story, words]) => `  ${words}\n    ${base}${stories[story]}`);
  console.log(`\n${lines.join('\n')}`);
}
