// The service worker: the network first, and the kept page when there is none. It never answers for the API: what is shown
// as proven is verified anew, from evidence that the page kept itself. It imports nothing: a classic script runs everywhere.

interface FetchEvent extends Event {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

async function kept(path: string): Promise<Response> {
  return (await caches.match(path)) ?? Response.error();
}

self.addEventListener('fetch', (event) => {
  const { request, respondWith } = event as FetchEvent;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin || request.method !== 'GET') return;
  if (request.mode === 'navigate' && pathname.startsWith('/01/')) {
    respondWith.call(
      event,
      fetch(request).catch(() => kept('/scan.html')),
    );
  } else if (pathname.startsWith('/assets/')) {
    respondWith.call(
      event,
      fetch(request).catch(() => kept(pathname)),
    );
  }
});
