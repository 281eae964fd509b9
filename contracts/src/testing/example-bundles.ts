// The bundles of docs/examples: good ones, and one that breaks at each step. Everything in them is derived from names, so they
// are the same bytes on every machine.

import { type Bundle, encodeBundle, type PackedBatch } from '../provenance/bundle.ts';
import { evidenceKeys } from '../provenance/evidence-keys.ts';
import { decodeStatement, encodeStatement } from '../telemetry/statement.ts';
import { createSampleHouse, SAMPLE, type SampleHouse } from './sample-bundle.ts';
import { createTradeHouse, type TradeHouse } from './trade-bundle.ts';

export interface ExampleBundle {
  readonly name: string;
  readonly about: string;
  readonly bytes: Uint8Array;
  /** 32 bytes. */
  readonly pinned: Uint8Array;
  readonly now_ms: number;
}

/** Three days of which a few hours were recorded: the first lies before the last 48 h and is stated. */
const HOURS = [0, 1, 2, 30, 60, 61];
const SILENT = Array.from({ length: 72 }, (_, hour) => hour).filter((h) => !HOURS.includes(h));

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('examples: the sample house has another shape');
  return value;
}

function sampleOf(house: SampleHouse, n: number): PackedBatch {
  const pack = must(house.packs[n]);
  return house.chain.packedBatch('gw', pack.batch, [pack.index]);
}

export function exampleBundles(): ExampleBundle[] {
  const house = createSampleHouse({ days: 3, silentHours: SILENT, claimedAge_months: 60 });
  const { chain } = house;
  const lot = house.bundle();
  const unit = house.bundle(SAMPLE.serial);
  const pinned = chain.chainId;
  const now_ms = chain.time_ms + 60_000;
  const of = (name: string, about: string, bundle: Bundle | Uint8Array, in_ = house) => ({
    name,
    about,
    bytes: bundle instanceof Uint8Array ? bundle : encodeBundle(bundle),
    pinned: in_.chain.chainId,
    now_ms: in_.chain.time_ms + 60_000,
  });

  const moved = createSampleHouse({ days: 1, silentHours: SILENT });
  moved.chain.addAccount('newcomer', ['bureau']);
  moved.chain.join('newcomer');
  const ending = moved.bundle();
  moved.chain.rotateKey('regulator', 'regulator 2');
  moved.chain.empty();
  const epochs = moved.bundle();

  const guomi = createSampleHouse({
    profile: 'guomi',
    deviceSuite: 'sm2',
    days: 3,
    silentHours: SILENT,
  });
  const state = (key: string, change: (value: Uint8Array) => Uint8Array) => ({
    ...lot,
    state: lot.state.map((e) =>
      e.key === key && e.value !== null ? { ...e, value: change(e.value) } : e,
    ),
  });
  const [first, second] = [must(lot.batches[0]), must(lot.batches[1])];
  const statement = decodeStatement(must(lot.statements[0]));

  return [
    of('good-product', 'a product, nothing asked of a lot', {
      ...lot,
      link: { gtin: SAMPLE.gtin },
      state: chain.entries(evidenceKeys(chain.state, { gtin: SAMPLE.gtin }, chain.height)),
      batches: [],
      statements: [],
    }),
    of('good-lot', 'a lot: three proven packs, two stated days', lot),
    of('good-unit', 'a unit of the lot, with one sample, and a recall key proven absent', {
      ...unit,
      state: chain.entries([...unit.state.map((e) => e.key), `recalls/${SAMPLE.gtin}`]),
      samples: [sampleOf(house, 1)],
    }),
    of('good-contradicted', 'a sample shows a reading that the gateway did not state', {
      ...lot,
      statements: createSampleHouse({ days: 3, silentHours: [...SILENT, 1] }).bundle().statements,
      samples: [sampleOf(house, 1)],
    }),
    of('good-epochs', 'one validator joined, another took a new key', epochs, moved),
    of('good-epoch-end', 'its head is the block that ends the first epoch', ending, moved),
    of('good-guomi', 'profile guomi: SM2 and SM3 throughout', guomi.bundle(SAMPLE.serial), guomi),
    ...tradeExamples(),
    of('broken-bundle', 'one byte after the end', new Uint8Array([...encodeBundle(lot), 0])),
    of('broken-genesis', 'the genesis of another ledger', {
      ...lot,
      genesis: guomi.chain.genesis,
    }),
    of(
      'broken-epochs',
      'the first epoch is left out',
      { ...epochs, epochs: epochs.epochs.slice(1) },
      moved,
    ),
    of('broken-certificate', 'two signatures of four', {
      ...lot,
      head: { ...lot.head, certificate: chain.certify(lot.head.header, 2) },
    }),
    of(
      'broken-state',
      'a place with another name',
      state(`places/${SAMPLE.plot}`, (value) => {
        const copy = value.slice();
        copy[copy.length - 1] = must(copy.at(-1)) ^ 1;
        return copy;
      }),
    ),
    of('broken-unit', 'a serial that was not labelled', {
      ...unit,
      link: { ...unit.link, serial: 'forged' },
    }),
    of('broken-lots', 'the harvest is not shown', {
      ...lot,
      state: lot.state.filter((e) => !e.key.endsWith('FRESH-1')),
    }),
    of('broken-anchors', 'the anchors of two batches are exchanged', {
      ...lot,
      batches: [
        { ...first, anchor: second.anchor },
        { ...second, anchor: first.anchor },
      ],
    }),
    brokenPack(),
    of('broken-statements', 'a statement that the gateway did not sign', {
      ...lot,
      statements: [
        encodeStatement(chain.crypto, { id: 'gw', secret: chain.keyOf('coop') }, statement),
      ],
    }),
    of('broken-samples', 'a sample repeats a pack of the bundle', { ...lot, samples: [first] }),
  ].map((example) => (example.pinned === pinned ? { ...example, now_ms } : example));
}

/** A gateway anchored a pack whose signature is not its device's. */
function brokenPack(): ExampleBundle {
  const own = createSampleHouse({ days: 1, silentHours: SILENT });
  const forged = must(own.packs[2]).bytes.slice();
  forged[forged.length - 1] = must(forged.at(-1)) ^ 1;
  own.chain.anchor('gw', [forged]);
  return {
    name: 'broken-packs',
    about: 'an anchored pack with a wrong signature',
    bytes: encodeBundle({ ...own.bundle(), batches: [own.chain.packedBatch('gw', 1)] }),
    pinned: own.chain.chainId,
    now_ms: own.chain.time_ms + 60_000,
  };
}

/** A lot with all that trade adds: sold, recalled, its origin refuted; and a scope that the record does not commit to. */
function tradeExamples(): ExampleBundle[] {
  const of = (name: string, about: string, { chain }: TradeHouse, bundle: Bundle) => ({
    name,
    about,
    bytes: encodeBundle(bundle),
    pinned: chain.chainId,
    now_ms: chain.time_ms + 60_000,
  });
  const sold = createTradeHouse();
  const recalled = createTradeHouse({ recalled: true, hot_h: 4 });
  const refuted = createTradeHouse({ disputed: 'upheld' });
  const bundle = recalled.bundle();
  return [
    of(
      'good-sold',
      'a unit with a hidden code in a shop, its origin under a mark',
      sold,
      sold.bundle('u1'),
    ),
    of('good-recalled', 'recalled, and too warm on the truck', recalled, recalled.bundle('u0')),
    of('good-hidden-limit', 'too warm on the truck, and the policy is left out', recalled, {
      ...bundle,
      state: bundle.state.filter(({ key }) => key !== 'policies/chenpi/1'),
    }),
    of(
      'good-refuted',
      'bought without consent, and the grower was right',
      refuted,
      refuted.bundle(),
    ),
    of('broken-recalls', 'a recalled lot that is called unaffected', recalled, {
      ...bundle,
      scopes: bundle.scopes.map((scope) => ({ ...scope, inScope: false })),
    }),
  ];
}
