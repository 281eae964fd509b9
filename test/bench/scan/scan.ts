// What a scan costs: bundles a second from the whole house beside a bare fastify route that sends the same bytes from the
// same process; the page's scripts; and the verification in a browser.

import { webFiles } from 'suyuan/web-files';
import { type Bench, type BenchOptions, type BenchRow, thousands } from '../bench.ts';
import { inTurns, median } from '../measure.ts';
import { bareFastify } from '../peers.ts';
import { openTempHouse, type TempHouse } from '../temp-house.ts';
import { type BrowserFigures, browserVerify } from './browser.ts';
import type { HttpOrder } from './http-process.ts';
import { changeLot, makeLot, PACKS, stayStart_ms } from './lot.ts';
import { openReaders } from './readers.ts';
import { scriptGzipBytes } from './script-size.ts';

const CONNECTIONS = 50;
const SCRIPT_BYTES_FLOOR = 120_000;
const BROWSER_MS_FLOOR = 1000;
/** The readers all come from one address. */
const NO_RATE = { reads: 1e9, writes: 1e9, bundles: 1e9, serials: 1e9 };

interface Rates {
  readonly ours: number;
  readonly bare: number;
  /** Processor time of this process, which unlike the rates hardly depends on who else uses the machine. */
  readonly ours_us: number;
  readonly bare_us: number;
  readonly bundle_bytes: number;
}

async function measureRates(temp: TempHouse, path: string, quick: boolean): Promise<Rates> {
  const port = temp.house.httpPort;
  const bundle = new Uint8Array(
    await (await fetch(`http://127.0.0.1:${port}${path}`)).arrayBuffer(),
  );
  const bare = await bareFastify();
  bare.get('/bundle', async (_request, reply) => {
    const bytes = Buffer.from(bundle.buffer, bundle.byteOffset, bundle.byteLength);
    return reply.type('application/cbor').send(bytes);
  });
  const barePort = Number(new URL(await bare.listen({ host: '127.0.0.1', port: 0 })).port);
  const readers = openReaders();
  const load = { connections: CONNECTIONS, time_ms: quick ? 700 : 2500 };
  try {
    // Code warms up before anything counts.
    await readers.ask({ ...load, port, path });
    await readers.ask({ ...load, port: barePort, path: '/bundle' });
    const spent = { ours: [] as number[], bare: [] as number[] };
    const rate = async (side: 'ours' | 'bare', order: HttpOrder): Promise<number> => {
      const before = process.cpuUsage();
      const answer = await readers.ask(order);
      const { user, system } = process.cpuUsage(before);
      spent[side].push((user + system) / answer.requests);
      return answer.requests_per_s;
    };
    const rates = await inTurns(
      {
        ours: () => rate('ours', { ...load, port, path }),
        bare: () => rate('bare', { ...load, port: barePort, path: '/bundle' }),
      },
      quick ? 3 : 7,
    );
    const [ours_us, bare_us] = [median(spent.ours), median(spent.bare)];
    return { ...rates, ours_us, bare_us, bundle_bytes: bundle.length };
  } finally {
    readers.close();
    await bare.close();
  }
}

/** The first answer after a change of the lot, when the bundle must be put together anew. */
async function firstAnswer_ms({ house }: TempHouse, path: string, rounds: number) {
  const times: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    await changeLot(house, round);
    const start = performance.now();
    const response = await fetch(`http://127.0.0.1:${house.httpPort}${path}`);
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`the bundle was refused: ${response.status}`);
    times.push(performance.now() - start);
  }
  return median(times);
}

function rowsOf(rates: Rates, first_ms: number, script_bytes: number, browser: BrowserFigures) {
  const rows: BenchRow[] = [
    {
      what: `scan, bundle of ${thousands(rates.bundle_bytes)} bytes`,
      figure: `${thousands(rates.ours)} requests/s of ${rates.ours_us.toFixed(0)} µs; ${first_ms.toFixed(0)} ms for the first after a change of the lot`,
      beside: `bare fastify: ${thousands(rates.bare)}/s of ${rates.bare_us.toFixed(0)} µs (× ${(rates.ours / rates.bare).toFixed(2)})`,
      floor: '–',
      met: undefined,
    },
    {
      what: 'scan page, scripts with worker, gzipped',
      figure: `${(script_bytes / 1000).toFixed(1)} kB`,
      beside: '–',
      floor: '≤ 120 kB',
      met: script_bytes <= SCRIPT_BYTES_FLOOR,
    },
    {
      what: `scan, ${PACKS} SM2-signed packs in Chromium (${browser.signatures} signatures in all)`,
      figure: `${browser.elapsed_ms.toFixed(0)} ms, of which computing ${browser.computing_ms.toFixed(0)} ms`,
      beside: '–',
      floor: '≤ 1,000 ms',
      met: browser.elapsed_ms <= BROWSER_MS_FLOOR,
    },
  ];
  return rows;
}

async function run({ quick, say }: BenchOptions) {
  const webDirectory = await webFiles(() => say('scan: building the pages …'));
  const script_bytes = await scriptGzipBytes(webDirectory);
  const temp = await openTempHouse({ webDirectory, http: { rate: NO_RATE } }, (clock) =>
    clock.standAt(stayStart_ms()),
  );
  try {
    const link = await makeLot(temp);
    const path = `/api/v1/bundles?link=${encodeURIComponent(link)}`;
    const first_ms = await firstAnswer_ms(temp, path, quick ? 5 : 15);
    say('scan: requests');
    const rates = await measureRates(temp, path, quick);
    say('scan: browser');
    const url = `http://127.0.0.1:${temp.house.httpPort}${link}`;
    const browser = await browserVerify(url, quick ? 5 : 11);
    if (browser.signatures < PACKS) throw new Error(`only ${browser.signatures} were verified`);
    return {
      json: {
        bench: 'scan',
        requests_per_s: Math.round(rates.ours),
        bare_requests_per_s: Math.round(rates.bare),
        script_gzip_bytes: script_bytes,
        browser_verify_ms: Math.round(browser.elapsed_ms),
        browser_computing_ms: Math.round(browser.computing_ms),
        first_answer_ms: Math.round(first_ms),
        cpu_us_per_request: Math.round(rates.ours_us),
        bare_cpu_us_per_request: Math.round(rates.bare_us),
        bundle_bytes: rates.bundle_bytes,
      },
      rows: rowsOf(rates, first_ms, script_bytes, browser),
    };
  } finally {
    await temp.close();
  }
}

export const scanBench: Bench = run;
