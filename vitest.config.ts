import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['*/src/**/*.test.ts', 'test/**/*.test.ts'],
    // Embedded chDB takes one data directory per process, so test files must not share one.
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
