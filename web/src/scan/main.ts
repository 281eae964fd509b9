import { createApp } from 'vue';
import '../styles/base.css';
import { readLink } from './link.ts';
import ScanPage from './ScanPage.vue';
import { useScan } from './use-scan.ts';

const link = readLink(location.pathname);
const scan = useScan(link);

async function begin(): Promise<void> {
  if (import.meta.env.DEV) {
    // Development only, and compiled out of the build: `?fixture=partly` shows a state without a server.
    const name = new URLSearchParams(location.search).get('fixture');
    if (name !== null) {
      const { fixtureState } = await import('../fixtures/states.ts');
      scan.state.value = fixtureState(name);
      return;
    }
  }
  await scan.start();
}

createApp(ScanPage, { link, scan }).mount('#app');
void begin();
