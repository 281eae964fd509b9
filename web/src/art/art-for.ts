export type Art = 'peel' | 'fruit' | 'rice' | 'paddy' | 'melon' | 'parcel';

const WORDS: readonly (readonly [Art, RegExp])[] = [
  ['peel', /陈皮|柑皮|peel|chenpi/i],
  ['fruit', /柑|橘|mandarin|tangerine/i],
  ['paddy', /稻|谷|paddy/i],
  ['rice', /米|rice/i],
  ['melon', /瓜|melon|gourd/i],
];

const PRODUCE = ['farm-product', 'food'];

/** The drawing that fits a product's name; a tied parcel when none does, and for all that is not to be eaten. */
export function artFor(names: { readonly zh: string; readonly en: string }, category: string): Art {
  if (!PRODUCE.includes(category)) return 'parcel';
  const text = `${names.zh} ${names.en}`;
  return WORDS.find(([, words]) => words.test(text))?.[0] ?? 'parcel';
}
