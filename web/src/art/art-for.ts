export type Art = 'peel' | 'rice' | 'melon' | 'parcel';

const WORDS: readonly (readonly [Art, RegExp])[] = [
  ['peel', /陈皮|柑|橘|peel|chenpi|mandarin/i],
  ['rice', /米|稻|rice|paddy/i],
  ['melon', /瓜|melon|gourd/i],
];

const PRODUCE = ['farm-product', 'food'];

/** The drawing that fits a product's name; a tied parcel when none does, and for all that is not to be eaten. */
export function artFor(names: { readonly zh: string; readonly en: string }, category: string): Art {
  if (!PRODUCE.includes(category)) return 'parcel';
  const text = `${names.zh} ${names.en}`;
  return WORDS.find(([, words]) => words.test(text))?.[0] ?? 'parcel';
}
