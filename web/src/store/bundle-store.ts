// The last bundles that verified on this device, for when the server is out of reach. They are evidence, not verdicts: a
// stored bundle is verified again before anything is shown. IndexedDB, because Cache Storage needs a secure origin and a
// market's LAN is plain HTTP.

import type { SamplePick } from '../verify/types.ts';

const DATABASE = 'suyuan';
const TABLE = 'bundles';
/** Bundles kept; the one kept longest goes first. A bundle is at most 8 MiB. */
const KEEP = 20;

export interface StoredBundle {
  readonly link: string;
  /** With the samples that this device picked and got. */
  readonly bundle: Uint8Array;
  /** All that it picked: one that never arrived stays missing. */
  readonly picks: readonly SamplePick[];
  readonly saved_ms: number;
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      request.result
        .createObjectStore(TABLE, { keyPath: 'link' })
        .createIndex('saved_ms', 'saved_ms');
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function finished(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
    transaction.onerror = () => reject(transaction.error);
  });
}

/** Keeps a bundle that has just verified. A full or forbidden store is no error: the page works without. */
export async function keepBundle(stored: StoredBundle): Promise<void> {
  try {
    const database = await open();
    const transaction = database.transaction(TABLE, 'readwrite');
    const table = transaction.objectStore(TABLE);
    table.put(stored);
    const keys = table.index('saved_ms').getAllKeys();
    keys.onsuccess = () => {
      for (const key of keys.result.slice(0, Math.max(0, keys.result.length - KEEP)))
        table.delete(key);
    };
    await finished(transaction);
    database.close();
  } catch {
    // Not kept.
  }
}

export async function storedBundle(link: string): Promise<StoredBundle | null> {
  try {
    const database = await open();
    const transaction = database.transaction(TABLE, 'readonly');
    const request = transaction.objectStore(TABLE).get(link);
    await finished(transaction);
    database.close();
    return (request.result as StoredBundle | undefined) ?? null;
  } catch {
    return null;
  }
}
