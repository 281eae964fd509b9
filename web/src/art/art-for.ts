export type Art = 'peel' | 'rice' | 'melon' | 'parcel';

const WORDS: readonly (readonly [Art, RegExp])[] = [
  ['peel', /陈皮|柑|橘|peel|chenpi|mandarin/i],
  ['rice', /米|稻|rice|paddy/i],
  ['melon', /瓜|melon|gourd/i],
];

/** The drawing that fits a product's name; a tied parcel when none does. */
export function artFor(names: { readonly zh: string; readonly en: string }): Art {
  const text = `${names.zh} ${names.en}`;
  return WORDS.find(([, words]) => words.test(text))?.[0] ?? 'parcel';
}
