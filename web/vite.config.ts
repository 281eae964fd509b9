import { fileURLToPath } from 'node:url';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';
import { sizeTable } from './build/size-table.ts';

const page = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export default defineConfig(({ command }) => {
  // A build is for readers, whatever its caller's environment says: a house that a test started would build pages with the
  // framework's own checks and our fixtures in them, and leave them to the next start.
  if (command === 'build') process.env.NODE_ENV = 'production';
  return {
    root: page('.'),
    plugins: [vue(), sizeTable({ page: 'scan.html', limit_kB: 120 })],
    define: {
      __VUE_OPTIONS_API__: 'false',
      __VUE_PROD_DEVTOOLS__: 'false',
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    },
    worker: { format: 'es' },
    build: {
      target: 'es2022',
      // The strict CSP forbids data: URLs for everything but nothing here is worth inlining anyway.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: {
        // Loading these does nothing but define: the page takes a judgement from contracts, not the verifier beside it.
        treeshake: {
          moduleSideEffects: [{ test: /[\\/](contracts[\\/]src|@noble)[\\/]/, sideEffects: false }],
        },
        input: {
          index: page('index.html'),
          scan: page('scan.html'),
          status: page('status.html'),
          sw: page('src/store/sw.ts'),
        },
        // A service worker serves its own folder and those below: it must stand at the root, under one name for ever.
        output: {
          entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
        },
      },
    },
  };
});
