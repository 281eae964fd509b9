import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

// The package exports no path of its fonts, so they are found beside its entry.
const folder = join(
  dirname(createRequire(import.meta.url).resolve('@embedpdf/fonts-sc')),
  '..',
  'fonts',
);

/** Files of the Chinese font that every page is set in, so that it looks the same on a machine without fonts. */
export const FONT_FILES = {
  regular: join(folder, 'NotoSansHans-Regular.otf'),
  bold: join(folder, 'NotoSansHans-Bold.otf'),
} as const;

export type FontName = keyof typeof FONT_FILES;
