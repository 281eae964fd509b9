// A lot with everything that trade adds, in memory: origin mark, quota, policy, papers, hidden codes, a chilled truck, a shop; on
// request a recall, a hot truck, a void label or a refuted origin.

import { utf8ToBytes } from '../encoding/bytes.ts';
import { leafHash } from '../merkle/log-hash.ts';
import { inclusionProof } from '../merkle/log-proof.ts';
import { logRoot } from '../merkle/log-tree.ts';
import type { Bundle, ScopeProof } from '../provenance/bundle.ts';
import { evidenceKeys } from '../provenance/evidence-keys.ts';
import { lineageOf } from '../provenance/lineage.ts';
import { accountKey } from '../rules/accounts/record.ts';
import { anchorLogKey } from '../rules/anchors/anchor.ts';
import { deviceKey } from '../rules/devices/device.ts';
import { getLabelBatch, hiddenCommitment, unitLeaf } from '../rules/labels/label.ts';
import { getLot, lotKey } from '../rules/lots/lot.ts';
import { scopeTree } from '../rules/recalls/scope-tree.ts';
import { decodePack, encodePack, packId } from '../telemetry/pack.ts';
import type { Reading } from '../telemetry/quantities.ts';
import { createTestChain, type TestChain, testSecret } from './test-chain.ts';

const SERIALS: readonly string[] = ['u0', 'u1', 'u2'];

export const TRADE = {
  fruit: '06901234500011',
  peel: '06901234500028',
  fresh: 'FRESH-9',
  lot: 'CP-9',
  codes: ['0123456789ABC', 'CBA9876543210', 'ZYXWVTSRQPNMK'],
  plot: '6901234500110',
  store: '6901234500219',
  truck: '6901234500318',
  shop: '6901234500417',
  room: 'ROOM-9',
  chiller: 'TRUCK-9',
} as const;

export interface TradeOptions {
  /** Opens a level-2 recall of the fruit's lot, and one of something else. */
  readonly recalled?: boolean;
  /** The truck is above the policy's limit for so many of its six hours. */
  readonly hot_h?: number;
  /** The second unit is void. */
  readonly voided?: boolean;
  /** Fruit without a mark, bought without consent, and its origin refuted. */
  readonly disputed?: 'open' | 'upheld';
}

export interface TradeHouse {
  readonly chain: TestChain;
  bundle(serial?: string): Bundle;
}

const HOUR_MS = 3_600_000;
const START_MS = Math.floor(1_760_000_000_000 / (24 * HOUR_MS)) * 24 * HOUR_MS;
const both = (zh: string, en: string) => ({ zh, en });

function register(chain: TestChain, marked: boolean): void {
  chain.addAccount('coop', ['grower', 'processor']);
  chain.addAccount('neighbour', ['grower']);
  chain.addAccount('seller', ['shop']);
  chain.addAccount('lab', ['laboratory']);
  chain.addAccount('gw', ['gateway']);
  chain.must('regulator', 'products', 'register-mark', {
    mark: 'xinhui',
    name: both('新会陈皮', 'Xinhui chenpi'),
    steward: 'association',
  });
  chain.must('association', 'policies', 'adopt', {
    policy: 'chenpi',
    version: 1,
    title: both('新会陈皮管控', 'Xinhui chenpi limits'),
    from: chain.height + 2,
    yields: [
      { process: 'peel', from: TRADE.fruit, to: TRADE.peel, min_ppm: 40_000, max_ppm: 50_000 },
    ],
    climate: [
      {
        quantity: 'temperature',
        above: true,
        limit: 30_000,
        duration_ms: 2 * HOUR_MS,
        cumulative: false,
        error: 500,
      },
    ],
    ...(marked ? { quota_g_per_mu: 1_050_000 } : {}),
    sources: [{ topic: 'yield', source: 'test' }],
  });
  for (const [gtin, zh, en] of [
    [TRADE.fruit, '茶枝柑', 'Chachi mandarin'],
    [TRADE.peel, '新会陈皮', 'Xinhui chenpi'],
  ] as const) {
    chain.must('association', 'products', 'register', {
      gtin,
      name: both(zh, en),
      category: 'food',
      regime: marked ? 'gi' : 'none',
      unit: 'g',
      policy: 'chenpi',
      ...(marked ? { mark: 'xinhui' } : {}),
    });
  }
  for (const [gln, kind, holder, zh, en] of [
    [TRADE.plot, 'plot', marked ? 'coop' : 'neighbour', '三江果园', 'Sanjiang orchard'],
    [TRADE.store, 'warehouse', 'coop', '陈化仓', 'Ageing room'],
    [TRADE.truck, 'vehicle', 'coop', '冷藏车', 'Chilled truck'],
    [TRADE.shop, 'shop', 'seller', '岗州店', 'Gangzhou shop'],
  ] as const) {
    chain.must('association', 'places', 'register', {
      gln,
      kind,
      name: both(zh, en),
      township: both('三江镇', 'Sanjiang'),
      holder,
      ...(kind === 'plot' ? { area_mmu: 2000 } : {}),
    });
  }
  for (const [id, place] of [
    [TRADE.room, TRADE.store],
    [TRADE.chiller, TRADE.truck],
  ] as const) {
    const { suite, bytes } = chain.crypto.publicKeyOf(testSecret('es256', id));
    chain.must('coop', 'devices', 'register', {
      id,
      key: { suite, key: bytes },
      holder: 'coop',
      interval_s: 3600,
      quantities: ['temperature'],
      place,
    });
  }
}

function grow(chain: TestChain): void {
  chain.must('association', 'places', 'set-membership', {
    gln: TRADE.plot,
    mark: 'xinhui',
    from: START_MS - 1000,
  });
  chain.must('association', 'quotas', 'grant', {
    gln: TRADE.plot,
    gtin: TRADE.fruit,
    season: '2025',
    from: START_MS - 1000,
    to: START_MS + 90 * 24 * HOUR_MS,
    amount: 2_100_000,
  });
  chain.must('coop', 'lots', 'harvest', {
    gtin: TRADE.fruit,
    lot: TRADE.fresh,
    place: TRADE.plot,
    amount: 1_000_000,
    season: '2025',
  });
}

export function createTradeHouse(options: TradeOptions = {}): TradeHouse {
  const marked = options.disputed === undefined;
  const chain = createTestChain({ time_ms: START_MS });
  const { crypto, hash } = chain;
  register(chain, marked);
  if (marked) grow(chain);
  else {
    chain.must('coop', 'lots', 'purchase', {
      gtin: TRADE.fruit,
      lot: TRADE.fresh,
      place: TRADE.store,
      amount: 1_000_000,
      grower: 'neighbour',
      plot: TRADE.plot,
    });
  }
  chain.must('coop', 'lots', 'transform', {
    inputs: [{ gtin: TRADE.fruit, lot: TRADE.fresh, amount: 1_000_000 }],
    outputs: [{ gtin: TRADE.peel, lot: TRADE.lot, amount: 48_000 }],
    place: TRADE.store,
    process: 'peel',
  });
  if (!marked) {
    const about = { gtin: TRADE.fruit, lot: TRADE.fresh };
    chain.must('neighbour', 'cases', 'refute', { case: 'D-1', ...about, reason: '不是我的果' });
    if (options.disputed === 'upheld') {
      chain.must('regulator', 'cases', 'decide', {
        case: 'D-1',
        outcome: 'upheld',
        decision: '属实',
      });
    }
  }
  const key = lotKey(TRADE.peel, TRADE.lot);
  for (const [n, kind, issuer] of [
    [1, 'laboratory-report', 'lab'],
    [2, 'photo', 'coop'],
  ] as const) {
    chain.must(issuer, 'documents', 'register', {
      hash: crypto.hash('sha256')(utf8ToBytes(`document ${n}`)),
      kind,
      mime: 'application/pdf',
      size_bytes: 1000,
      title: kind,
      issuedAt: chain.time_ms,
      validFrom: chain.time_ms,
      ...(kind === 'photo'
        ? { validUntil: chain.time_ms + HOUR_MS }
        : { results: [{ name: '水分', value: 112, decimals: 1, uom: '%' }] }),
      subjects: [key],
    });
  }

  const prevs = new Map<string, Uint8Array>();
  const seqs = new Map<string, number>();
  /** Hourly readings of a device, one pack each, and one anchor. */
  function record(device: string, values: readonly number[]): void {
    const packs = values.map((value) => {
      const readings: Reading[] = [{ quantity: 'temperature', time_ms: chain.time_ms, value }];
      const seq = seqs.get(device) ?? 0;
      seqs.set(device, seq + 1);
      const bytes = encodePack(crypto, {
        secret: testSecret('es256', device),
        deviceId: device,
        bootEpoch: 1,
        seq,
        prev: prevs.get(device) ?? new Uint8Array(32),
        readings,
      });
      prevs.set(device, packId(hash, decodePack(bytes)));
      chain.advance(HOUR_MS);
      return bytes;
    });
    chain.anchor('gw', packs);
  }

  record(TRADE.room, [24_000, 25_000, 24_500]);
  const leaves = SERIALS.map((serial, i) => {
    const unit = { gtin: TRADE.peel, lot: TRADE.lot, serial };
    const hidden = hiddenCommitment(hash, unit, TRADE.codes[i] ?? '');
    return { hidden, leaf: leafHash(hash, unitLeaf(unit.gtin, unit.lot, serial, hidden)) };
  });
  const batchId = { gtin: TRADE.peel, lot: TRADE.lot, batch: 'B1' };
  const hashes = leaves.map(({ leaf }) => leaf);
  chain.must('coop', 'labels', 'issue', {
    ...batchId,
    root: logRoot(hash, hashes),
    count: 3,
    net: 250,
    hidden: true,
  });
  chain.must('coop', 'labels', 'activate', { ...batchId, upTo: 2 });
  chain.must('coop', 'labels', 'close', batchId);
  if (options.voided)
    chain.must('coop', 'labels', 'void', { ...batchId, index: 1, reason: '破损' });
  const amount = options.voided ? 1 : 2;
  const item = { ...batchId, amount };
  chain.must('coop', 'custody', 'ship', {
    shipment: 'S-1',
    to: 'seller',
    place: TRADE.shop,
    via: TRADE.truck,
    items: [item],
  });
  const hot_h = options.hot_h ?? 0;
  record(
    TRADE.chiller,
    Array.from({ length: 6 }, (_, i) => (i < hot_h ? 31_000 : 8000)),
  );
  chain.must('seller', 'custody', 'receive', { from: 'coop', shipment: 'S-1', items: [item] });
  chain.must('seller', 'labels', 'reveal', {
    ...batchId,
    index: 0,
    serial: SERIALS[0] ?? '',
    code: TRADE.codes[0],
    proof: inclusionProof(hash, hashes, 0),
  });
  const scopes = new Map<string, readonly string[]>();
  if (options.recalled) {
    openRecall('R-2', { gtin: TRADE.fruit, lot: TRADE.fresh }, [
      lotKey(TRADE.fruit, TRADE.fresh),
      key,
    ]);
    chain.must('coop', 'lots', 'transform', {
      inputs: [{ gtin: TRADE.fruit, lot: harvestOther(), amount: 1000 }],
      outputs: [{ gtin: TRADE.peel, lot: 'OTHER-P', amount: 45 }],
      place: TRADE.store,
      process: 'peel',
    });
    openRecall('R-1', { gtin: TRADE.peel, lot: 'OTHER-P' }, [lotKey(TRADE.peel, 'OTHER-P')]);
  }

  function harvestOther(): string {
    chain.must('coop', 'lots', 'harvest', {
      gtin: TRADE.fruit,
      lot: 'OTHER',
      place: TRADE.plot,
      amount: 1000,
      season: '2025',
    });
    return 'OTHER';
  }

  function openRecall(
    recall: string,
    seed: { readonly gtin: string; readonly lot: string },
    lots: readonly string[],
  ): void {
    scopes.set(recall, lots);
    chain.must('regulator', 'recalls', 'open', {
      recall,
      level: 2,
      mock: false,
      reason: '抽检超标',
      seeds: [{ ...seed }],
      siblings: false,
      ancestors: false,
      scope: { root: scopeTree(hash, lots).root, count: lots.length },
    });
  }

  function bundle(serial?: string): Bundle {
    const lot = getLot(chain.state, TRADE.peel, TRADE.lot);
    const batch = getLabelBatch(chain.state, TRADE.peel, TRADE.lot, 'B1');
    if (lot === undefined || batch === undefined) throw new Error('trade house: no lot');
    const link = { gtin: TRADE.peel, lot: TRADE.lot, ...(serial === undefined ? {} : { serial }) };
    const index = SERIALS.indexOf(serial ?? '');
    const unit = index < 0 ? undefined : { batch, index };
    const lineage = lineageOf(chain.state, lot, chain.time_ms, unit?.batch);
    const hidden = leaves[index]?.hidden;
    return {
      link,
      genesis: chain.genesis,
      epochs: chain.epochs,
      head: chain.head,
      state: chain.entries([
        ...evidenceKeys(chain.state, link, chain.height, lineage, unit),
        deviceKey(TRADE.room),
        deviceKey(TRADE.chiller),
        accountKey('gw'),
        anchorLogKey('gw'),
      ]),
      ...(hidden === undefined
        ? {}
        : { unit: { batch: 'B1', index, proof: inclusionProof(hash, hashes, index), hidden } }),
      scopes: [...scopes]
        .map(([recall, lots]): ScopeProof => {
          const proof = scopeTree(hash, lots).prove(key);
          return { recall, inScope: lots.includes(key), proof };
        })
        .sort((a, b) => (a.recall < b.recall ? -1 : 1)),
      batches: [chain.packedBatch('gw', 0), chain.packedBatch('gw', 1)],
      samples: [],
      statements: [],
    };
  }
  return { chain, bundle };
}
