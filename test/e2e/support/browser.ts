// Debian's Chromium, as a buyer's phone and as a desk. Every page reports what goes wrong in it.

import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
import { ROOT } from './paths.ts';

const PROGRAMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export async function openBrowser(): Promise<Browser> {
  const executablePath = PROGRAMS.find((path) => existsSync(path));
  if (executablePath === undefined) throw new Error('no chromium: apt-get install chromium');
  return chromium.launch({ executablePath, args: FLAGS });
}

export const PHONE = { width: 360, height: 780 } as const;
export const DESK = { width: 1280, height: 900 } as const;

export interface Look {
  readonly width?: 360 | 1280;
  readonly language?: 'zh-CN' | 'en-GB';
  readonly scheme?: 'light' | 'dark';
}

export interface OpenedPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors of scripts, of the console and of requests that found nobody, so far. */
  readonly errors: readonly string[];
}

export async function openPage(
  browser: Browser,
  look: Look = {},
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const phone = look.width !== 1280;
  const context = await browser.newContext({
    viewport: phone ? PHONE : DESK,
    locale: look.language ?? 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    colorScheme: look.scheme ?? 'light',
    hasTouch: phone,
    ...options,
  });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(`script: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') {
      errors.push(`console: ${message.text()} (${message.location().url})`);
    }
  });
  return { page, context, errors };
}

/** Where pictures go that people look at; not part of the repository. */
export const ARTIFACTS = join(ROOT, 'test', '.artifacts');

/** Takes a picture of the whole page. */
export async function photograph(page: Page, name: string): Promise<void> {
  mkdirSync(ARTIFACTS, { recursive: true });
  await page.screenshot({ path: join(ARTIFACTS, `${name}.png`), fullPage: true });
}

/** How far the page reaches beyond its window sideways, in pixels. */
export async function overflow(page: Page): Promise<number> {
  return page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
}

/** Waits until the scan page has come to its end, and names it: `#verdict`, `#broken`, `#notice` or `#changed`. */
export async function outcomeOf(page: Page): Promise<string> {
  const heading = page.locator('h1#verdict, h1#broken, h1#notice, h1#changed');
  await heading.waitFor({ timeout: 60_000 });
  return (await heading.getAttribute('id')) ?? '';
}
