// Small things the page remembers. Private windows may refuse storage: the page then simply does not remember.

const PREFIX = 'suyuan/';

export function readSetting(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

export function writeSetting(name: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // Not remembered; nothing depends on it.
  }
}
