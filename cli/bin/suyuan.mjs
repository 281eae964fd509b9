#!/usr/bin/env node
// Node 20 has no type stripping, so tsx loads the TypeScript sources; nothing is built before it runs.
import { availableParallelism } from 'node:os';

// Signature checks and disk syncs share libuv's pool; it reads its size at the first use, so it is set before any.
process.env.UV_THREADPOOL_SIZE ??= String(Math.max(4, availableParallelism() * 2));

const { register } = await import('tsx/esm/api');
register();
const { main } = await import('../src/main.ts');
process.exitCode = await main(process.argv);
