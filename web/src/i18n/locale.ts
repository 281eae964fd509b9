export type Locale = 'zh' | 'en';

/** The first language of the reader that the page speaks; Chinese, the buyers' own, when none is. */
export function chooseLocale(remembered: string | null, preferred: readonly string[]): Locale {
  if (remembered === 'zh' || remembered === 'en') return remembered;
  for (const tag of preferred) {
    const language = tag.toLowerCase().split('-')[0];
    if (language === 'zh' || language === 'en') return language;
  }
  return preferred.length > 0 ? 'en' : 'zh';
}

/** The value of `<html lang>`. */
export const LANG: Record<Locale, string> = { zh: 'zh-CN', en: 'en' };
