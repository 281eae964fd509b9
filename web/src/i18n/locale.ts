export type Locale = 'zh' | 'en';

/** The language that a link asks for by `?lang=zh` or `?lang=en`, as the resolver's links do. */
export function askedLocale(search: string): Locale | null {
  const asked = new URLSearchParams(search).get('lang')?.toLowerCase().split('-')[0];
  return asked === 'zh' || asked === 'en' ? asked : null;
}

/** What the link asks for; else the first language of the reader that the page speaks; Chinese, the buyers' own, when none is. */
export function chooseLocale(
  remembered: string | null,
  preferred: readonly string[],
  asked: Locale | null = null,
): Locale {
  if (asked !== null) return asked;
  if (remembered === 'zh' || remembered === 'en') return remembered;
  for (const tag of preferred) {
    const language = tag.toLowerCase().split('-')[0];
    if (language === 'zh' || language === 'en') return language;
  }
  return preferred.length > 0 ? 'en' : 'zh';
}

/** The value of `<html lang>`. */
export const LANG: Record<Locale, string> = { zh: 'zh-CN', en: 'en' };
