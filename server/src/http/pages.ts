// The web pages: static files of the build, and the scan page that the resolver answers with. Nothing of a request is ever
// written into HTML.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyReply } from 'fastify';
import type { App } from './context.ts';

/** Read once at start: the pages are small, and a scan must not wait for a disk. */
export interface Pages {
  sendScan(reply: FastifyReply, status: number): FastifyReply;
}

/** What a node without web files shows to a browser: it says where the data is. */
const BARE_PAGE =
  '<!doctype html><html lang="en"><meta charset="utf-8"><title>Suyuan node</title>' +
  '<p>This node serves no web pages. Its data is under <a href="/docs">/docs</a>.</p></html>';

const HTML_TYPE = 'text/html; charset=utf-8';

export async function loadPages(directory: string | undefined): Promise<Pages> {
  const scan = directory === undefined ? BARE_PAGE : await readFile(join(directory, 'scan.html'));
  return {
    sendScan: (reply, status) =>
      reply.code(status).header('cache-control', 'no-cache').type(HTML_TYPE).send(scan),
  };
}

export async function usePages(app: App, directory: string | undefined): Promise<void> {
  if (directory === undefined) {
    app.get('/', { schema: { hide: true } }, async (_request, reply) =>
      reply.type(HTML_TYPE).send(BARE_PAGE),
    );
    return;
  }
  // One route a file, listed at start: there is no path for a request to climb out of.
  await app.register(fastifyStatic, {
    root: directory,
    wildcard: false,
    index: ['index.html'],
    dotfiles: 'ignore',
    schemaHide: true,
    cacheControl: false,
    setHeaders: (reply, path) => {
      // The build names its assets by their content.
      const cache = path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
      reply.header('cache-control', cache);
    },
  });
  app.get('/status', { schema: { hide: true } }, async (_request, reply) =>
    reply.sendFile('status.html'),
  );
}
