// One lot's whole way in memory: harvest, ageing room with a sensor, labels, anchored packs, a stated month. Tests bend it,
// and the examples of docs/formats.md are made of it.

import type { SuiteName } from '../crypto/types.ts';
import { utf8ToBytes } from '../encoding/bytes.ts';
import type { Profile } from '../ledger/profile.ts';
import { leafHash } from '../merkle/log-hash.ts';
import { inclusionProof } from '../merkle/log-proof.ts';
import { logRoot } from '../merkle/log-tree.ts';
import type { Bundle } from '../provenance/bundle.ts';
import { evidenceKeys } from '../provenance/evidence-keys.ts';
import { lineageOf } from '../provenance/lineage.ts';
import { accountKey } from '../rules/accounts/record.ts';
import { anchorLogKey } from '../rules/anchors/anchor.ts';
import { deviceKey } from '../rules/devices/device.ts';
import { MONTH_MS } from '../rules/labels/age.ts';
import { getLabelBatch, unitLeaf } from '../rules/labels/label.ts';
import { getLot, lotKey } from '../rules/lots/lot.ts';
import { decodePack, encodePack, packId } from '../telemetry/pack.ts';
import type { Reading } from '../telemetry/quantities.ts';
import { encodeStatement, type StatedDay } from '../telemetry/statement.ts';
import { createTestChain, type TestChain, testSecret } from './test-chain.ts';

export const SAMPLE = {
  gtin: '06901234500004',
  lot: 'CP-2025/01',
  serial: 'k7Qm2x',
  plot: '6901234500103',
  store: '6901234500202',
  device: 'ROOM-B3-1',
} as const;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SERIALS = ['a1', SAMPLE.serial, 'z9'];

export interface SampleOptions {
  readonly profile?: Profile;
  readonly deviceSuite?: SuiteName;
  /** Whole days that the lot lay in the room before now. */
  readonly days?: number;
  /** Hours, counted from the making of the aged lot, in which nothing was recorded. */
  readonly silentHours?: readonly number[];
  readonly claimedAge_months?: number;
}

export interface SampleHouse {
  readonly chain: TestChain;
  /** The lot's bundle with the last 48 h of packs and the stated days before. */
  bundle(serial?: string): Bundle;
  readonly packs: readonly {
    readonly bytes: Uint8Array;
    readonly batch: number;
    readonly index: number;
    readonly seq: number;
    readonly readings: readonly Reading[];
  }[];
}

/** Hourly readings that rise and fall with the day: milli-°C and milli-%RH. */
function readingsAt(hour: number, time_ms: number): Reading[] {
  const swing = Math.round(1500 * Math.sin((hour % 24) / 3.82));
  return [
    { quantity: 'temperature', time_ms, value: 24_000 + swing },
    { quantity: 'humidity', time_ms, value: 58_000 - 2 * swing },
  ];
}

/** Older than the ledger, so that the label may claim it: what only an auditor can bring in. */
function openBalance(chain: TestChain, age_months: number): void {
  chain.addAccount('auditor', ['auditor']);
  const document = chain.crypto.hash('sha256')(utf8ToBytes('audit'));
  chain.must('auditor', 'documents', 'register', {
    hash: document,
    kind: 'audit',
    mime: 'application/pdf',
    size_bytes: 1000,
    title: '库存审计',
    issuedAt: chain.time_ms,
    validFrom: chain.time_ms,
    subjects: [lotKey(SAMPLE.gtin, 'FRESH-1')],
    amount: 20_000,
    born: chain.time_ms - (age_months + 1) * MONTH_MS,
  });
  chain.must('coop', 'lots', 'open-balance', {
    gtin: SAMPLE.gtin,
    lot: 'FRESH-1',
    place: SAMPLE.plot,
    amount: 20_000,
    document,
  });
}

export function createSampleHouse(options: SampleOptions = {}): SampleHouse {
  // Midnight UTC, so that stated days are whole.
  const start_ms = Math.floor(1_760_000_000_000 / DAY_MS) * DAY_MS;
  const chain = createTestChain({
    time_ms: start_ms - 1000,
    ...(options.profile ? { profile: options.profile } : {}),
  });
  const { crypto, hash } = chain;
  const names = (zh: string, en: string) => ({ zh, en });
  chain.addAccount('coop', ['grower', 'processor']);
  chain.addAccount('gw', ['gateway']);
  chain.must('association', 'products', 'register', {
    gtin: SAMPLE.gtin,
    name: names('新会陈皮', 'Xinhui chenpi'),
    category: 'food',
    regime: 'none',
    unit: 'g',
  });
  for (const [gln, kind, zh, en] of [
    [SAMPLE.plot, 'plot', '三江果园', 'Sanjiang orchard'],
    [SAMPLE.store, 'warehouse', '陈化仓 B-3', 'Ageing room B-3'],
  ] as const) {
    const township = names('新会区三江镇', 'Sanjiang, Xinhui');
    chain.must('association', 'places', 'register', {
      gln,
      kind,
      name: names(zh, en),
      township,
      holder: 'coop',
    });
  }
  const secret = testSecret(options.deviceSuite ?? 'es256', SAMPLE.device);
  const key = crypto.publicKeyOf(secret);
  chain.must('coop', 'devices', 'register', {
    id: SAMPLE.device,
    key: { suite: key.suite, key: key.bytes },
    holder: 'coop',
    interval_s: 3600,
    quantities: ['temperature', 'humidity'],
    place: SAMPLE.store,
  });
  if (options.claimedAge_months === undefined) {
    chain.must('coop', 'lots', 'harvest', {
      gtin: SAMPLE.gtin,
      lot: 'FRESH-1',
      place: SAMPLE.plot,
      amount: 20_000,
    });
  } else openBalance(chain, options.claimedAge_months);
  chain.must('coop', 'lots', 'transform', {
    inputs: [{ gtin: SAMPLE.gtin, lot: 'FRESH-1', amount: 20_000 }],
    outputs: [
      {
        gtin: SAMPLE.gtin,
        lot: SAMPLE.lot,
        amount: 1000,
        note: '三蒸三晒',
        ...(options.claimedAge_months === undefined
          ? {}
          : { claimedAge_months: options.claimedAge_months }),
      },
    ],
    place: SAMPLE.store,
    process: 'age',
  });

  const hours = (options.days ?? 4) * 24;
  const silent = new Set(options.silentHours ?? []);
  const packs: {
    bytes: Uint8Array;
    batch: number;
    index: number;
    seq: number;
    hour: number;
    readings: Reading[];
  }[] = [];
  let prev: Uint8Array = new Uint8Array(32);
  let pending: typeof packs = [];
  let batch = 0;
  for (let hour = 0; hour < hours; hour += 1) {
    const time_ms = start_ms + hour * HOUR_MS;
    if (chain.time_ms < time_ms) chain.advance(time_ms + 1000 - chain.time_ms);
    if (!silent.has(hour)) {
      const seq = packs.length;
      const readings = readingsAt(hour, time_ms + 500);
      const bytes = encodePack(crypto, {
        secret,
        deviceId: SAMPLE.device,
        bootEpoch: 1,
        seq,
        prev,
        readings,
      });
      prev = packId(hash, decodePack(bytes));
      const pack = { bytes, batch, index: pending.length, seq, hour, readings };
      packs.push(pack);
      pending.push(pack);
    }
    if ((hour % 6 === 5 || hour === hours - 1) && pending.length > 0) {
      chain.anchor(
        'gw',
        pending.map((p) => p.bytes),
      );
      pending = [];
      batch += 1;
    }
  }
  const leaves = SERIALS.map((serial) => leafHash(hash, unitLeaf(SAMPLE.gtin, SAMPLE.lot, serial)));
  chain.must('coop', 'labels', 'issue', {
    gtin: SAMPLE.gtin,
    lot: SAMPLE.lot,
    batch: 'L1',
    root: logRoot(hash, leaves),
    count: SERIALS.length,
    net: 250,
  });

  function statements(until_ms: number): Uint8Array[] {
    return (['temperature', 'humidity'] as const).flatMap((quantity) => {
      const months = new Map<string, Map<number, typeof packs>>();
      for (const pack of packs) {
        const dayIndex = Math.floor((start_ms + pack.hour * HOUR_MS) / DAY_MS);
        if ((dayIndex + 1) * DAY_MS > until_ms) continue;
        const date = new Date(dayIndex * DAY_MS).toISOString();
        const days = months.get(date.slice(0, 7)) ?? new Map<number, typeof packs>();
        months.set(date.slice(0, 7), days);
        const day = Number(date.slice(8, 10));
        days.set(day, [...(days.get(day) ?? []), pack]);
      }
      return [...months].map(([month, days]) =>
        encodeStatement(
          crypto,
          { id: 'gw', secret: chain.keyOf('gw') },
          {
            chainId: chain.chainId,
            device: SAMPLE.device,
            quantity,
            month,
            revision: 1,
            at_ms: chain.time_ms,
            slot_s: 3600,
            days: [...days].map(([day, list]) => stateDay(day, list, quantity)),
          },
        ),
      );
    });
  }

  function bundle(serial?: string): Bundle {
    const lot = getLot(chain.state, SAMPLE.gtin, SAMPLE.lot);
    if (lot === undefined) throw new Error('sample house: no lot');
    const end_ms = chain.time_ms;
    const link = {
      gtin: SAMPLE.gtin,
      lot: SAMPLE.lot,
      ...(serial === undefined ? {} : { serial }),
    };
    const batch = getLabelBatch(chain.state, SAMPLE.gtin, SAMPLE.lot, 'L1');
    const index = SERIALS.indexOf(serial ?? '');
    const unit = batch === undefined || index < 0 ? undefined : { batch, index };
    const lineage = lineageOf(chain.state, lot, end_ms, unit?.batch);
    const keys = [
      ...evidenceKeys(chain.state, link, chain.height, lineage, unit),
      deviceKey(SAMPLE.device),
      accountKey('gw'),
      anchorLogKey('gw'),
    ];
    const recent = packs.filter((p) => start_ms + p.hour * HOUR_MS >= end_ms - 2 * DAY_MS);
    const batches = [...new Set(recent.map((p) => p.batch))].map((n) =>
      chain.packedBatch(
        'gw',
        n,
        recent.filter((p) => p.batch === n).map((p) => p.index),
      ),
    );
    return {
      link,
      genesis: chain.genesis,
      epochs: chain.epochs,
      head: chain.head,
      state: chain.entries(keys),
      ...(unit === undefined
        ? {}
        : { unit: { batch: 'L1', index, proof: inclusionProof(hash, leaves, index) } }),
      scopes: [],
      batches,
      samples: [],
      statements: statements(end_ms),
    };
  }
  return { chain, bundle, packs };
}

function stateDay(
  day: number,
  packs: readonly { readonly hour: number; readonly readings: readonly Reading[] }[],
  quantity: Reading['quantity'],
): StatedDay {
  const values = packs.flatMap((p) =>
    p.readings.filter((r) => r.quantity === quantity).map((r) => r.value),
  );
  const slots = new Uint8Array(3);
  for (const { hour } of packs) {
    const slot = hour % 24;
    slots[slot >> 3] = (slots[slot >> 3] ?? 0) | (128 >> (slot & 7));
  }
  return {
    day,
    count: values.length,
    min: Math.min(...values),
    max: Math.max(...values),
    sum: values.reduce((a, b) => a + b, 0),
    late: 0,
    slots,
  };
}
