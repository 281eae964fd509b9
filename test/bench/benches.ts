import type { Bench } from './bench.ts';
import { ingestBench } from './ingest/ingest.ts';
import { scanBench } from './scan/scan.ts';
import { storeBench } from './store.ts';
import { verifyBench } from './verify.ts';

export const BENCHES: readonly Bench[] = [verifyBench, ingestBench, storeBench, scanBench];
