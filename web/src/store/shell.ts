// Keeps what the scan page itself is made of, so that a code scanned before still opens when the server is out of reach.
// Works where the browser allows service workers: HTTPS and localhost.

const SHELL_CACHE = 'suyuan-shell';
/** As in sw.ts. */
const SHELL_PAGE = '/scan.html';

function loadedAssets(): string[] {
  return performance
    .getEntriesByType('resource')
    .map((entry) => new URL(entry.name))
    .filter((url) => url.origin === location.origin && url.pathname.startsWith('/assets/'))
    .map((url) => url.pathname);
}

/** Caches the page, what it loaded and `workers`, drops what an older build left, and registers the service worker. */
export async function keepShell(workers: readonly string[]): Promise<void> {
  if (!isSecureContext || !('serviceWorker' in navigator)) return;
  try {
    const wanted = new Set([SHELL_PAGE, ...loadedAssets(), ...workers]);
    const cache = await caches.open(SHELL_CACHE);
    await cache.addAll([...wanted]);
    for (const request of await cache.keys()) {
      if (!wanted.has(new URL(request.url).pathname)) await cache.delete(request);
    }
    await navigator.serviceWorker.register('/sw.js');
  } catch {
    // A full or forbidden store: the page then needs the network, as any page does.
  }
}
