// Our own catalogue rather than vue-i18n: measured on this page, the library costs 16 kB gzipped for lookups that a typed
// object does for nothing, and with an object a missing key fails the type check.

import { computed, ref, watchEffect } from 'vue';
import { readSetting, writeSetting } from '../store/settings.ts';
import { en } from './en.ts';
import { askedLocale, chooseLocale, LANG, type Locale } from './locale.ts';
import { zh } from './zh.ts';

export type Messages = typeof zh;

const CATALOGUE: Record<Locale, Messages> = { zh, en };

export const locale = ref<Locale>(
  chooseLocale(readSetting('locale'), navigator.languages, askedLocale(location.search)),
);

/** The words of the page in the reader's language. */
export const t = computed(() => CATALOGUE[locale.value]);

export function setLocale(next: Locale): void {
  locale.value = next;
  writeSetting('locale', next);
  // The reader's choice outlives the link's: opened anew, the page must not go back to the other language.
  const url = new URL(location.href);
  if (!url.searchParams.has('lang')) return;
  url.searchParams.delete('lang');
  history.replaceState(history.state, '', url);
}

/** The name in the reader's language. */
export function named(names: { readonly zh: string; readonly en: string }): string {
  return names[locale.value] || names.zh || names.en;
}

watchEffect(() => {
  document.documentElement.lang = LANG[locale.value];
});
