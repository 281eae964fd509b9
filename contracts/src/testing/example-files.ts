// The files of docs/examples as text: bundles and single formats in hex, what they hold in JSON, and the README.

import { portableCrypto as crypto } from '../crypto/portable.ts';
import { bytesToHex } from '../encoding/bytes.ts';
import { blockHash, decodeHeader } from '../ledger/header.ts';
import { decodeTx, encodeTx, txId } from '../ledger/tx.ts';
import { decodeBundle } from '../provenance/bundle.ts';
import type { Claim, Verdict } from '../provenance/verdict.ts';
import { BundleError, verifyBundle } from '../provenance/verify-bundle.ts';
import { decodePack, packId, packReadings } from '../telemetry/pack.ts';
import { decodeStatement } from '../telemetry/statement.ts';
import { encodeToken } from '../telemetry/token.ts';
import { type ExampleBundle, exampleBundles } from './example-bundles.ts';
import { createSampleHouse, SAMPLE } from './sample-bundle.ts';
import { testSecret } from './test-chain.ts';

const LINE = 96;

/** Hex in lines: whitespace is to be skipped. */
function hexText(bytes: Uint8Array): string {
  const hex = bytesToHex(bytes);
  const lines: string[] = [];
  for (let i = 0; i < hex.length; i += LINE) lines.push(hex.slice(i, i + LINE));
  return `${lines.join('\n')}\n`;
}

type Ageing = Extract<Claim, { kind: 'ageing' }>;

function ageingOf(verdict: Verdict) {
  return verdict.claims
    .filter((c): c is Ageing => c.kind === 'ageing')
    .map(({ grade, from_ms, to_ms, covered_ms, proven_ms, gaps, gap_ms, late }) => ({
      grade,
      from_ms,
      to_ms,
      covered_ms,
      proven_ms,
      gaps,
      gap_ms,
      late,
    }));
}

/** The figures of claims about trade. */
function factsOf(claim: Claim): (string | number)[][] {
  switch (claim.kind) {
    case 'recall':
      return claim.recalls.map(({ id, level }) => ['recall', id, level]);
    case 'dispute':
      return [['dispute', claim.lot, claim.status]];
    case 'label':
      return [['label', claim.number, claim.count, claim.standing, claim.hidden]];
    case 'origin':
      return [['origin', claim.basis ?? '', claim.by?.id ?? '', ...claim.places.map((p) => p.gln)]];
    case 'quota':
      return [['quota', claim.granted, claim.drawn, claim.here]];
    case 'policy':
      return claim.steps.map(({ lot, max, within }) => ['policy', lot, max ?? -1, within]);
    case 'age':
      return [
        [
          'age',
          claim.born_ms,
          claim.age_ms,
          claim.claimed_months ?? -1,
          ...claim.auditors.map(({ id }) => id),
        ],
      ];
    case 'limit': {
      if (claim.quantity === null)
        return claim.evidence.map(({ ref }) => ['limit', ref, claim.product.zh]);
      const { excursions, longest_ms, beyond_ms, statedDays, unknown_ms } = claim;
      return [['limit', claim.quantity, excursions, longest_ms, beyond_ms, statedDays, unknown_ms]];
    }
    case 'document':
      return [['document', claim.document?.hash ?? '', claim.document?.standing ?? '']];
    default:
      return [];
  }
}

/** What our verifier says: the facts that any other must find too, or the step and code at which it breaks. */
export function outcomeOf({ bytes, pinned, now_ms }: ExampleBundle) {
  try {
    const verdict = verifyBundle(bytes, pinned, now_ms);
    return {
      ok: true as const,
      height: verdict.chain.height,
      packs: verdict.counts.packs,
      readings: verdict.counts.readings,
      ageing: ageingOf(verdict),
      claims: verdict.claims.map(({ kind, grade }) => `${kind}: ${grade}`),
      facts: verdict.claims.flatMap(factsOf),
    };
  } catch (error) {
    if (!(error instanceof BundleError)) throw error;
    return { ok: false as const, step: error.step, code: error.code };
  }
}

interface Single {
  readonly file: string;
  readonly about: string;
  readonly bytes: Uint8Array;
  readonly holds: Record<string, unknown>;
}

/** One of each signed or hashed format, out of the house of `good-lot`. */
function singles(bundle: ExampleBundle): Single[] {
  const { head, state, statements, batches } = decodeBundle(bundle.bytes);
  const { hash } = createSampleHouse({ days: 1 }).chain;
  const device = testSecret('es256', SAMPLE.device);
  const packBytes = batches[0]?.packs[0]?.pack ?? new Uint8Array();
  const pack = decodePack(packBytes);
  const now_s = Math.floor(bundle.now_ms / 1000);
  const txBytes = encodeTx(crypto, {
    secret: testSecret('ed25519', 'coop'),
    signer: 'coop',
    chainId: bundle.pinned,
    module: 'lots',
    action: 'harvest',
    payload: { gtin: SAMPLE.gtin, lot: 'FRESH-2', place: SAMPLE.plot, amount: 12_500 },
    idempotencyKey: hash(new Uint8Array([1])).subarray(0, 16),
    validUntilHeight: 100,
  });
  const statement = decodeStatement(statements[0] ?? new Uint8Array());
  const header = decodeHeader(head.header);
  const keyOf = (suite: 'es256' | 'ed25519', name: string) =>
    bytesToHex(crypto.publicKeyOf(testSecret(suite, name)).bytes);
  const entry = state.find((e) => e.key.startsWith('products/'));
  return [
    {
      file: 'pack.hex',
      about: 'a device pack (§3)',
      bytes: packBytes,
      holds: {
        device: pack.deviceId,
        suite: pack.suite,
        key: keyOf('es256', SAMPLE.device),
        bootEpoch: pack.bootEpoch,
        seq: pack.seq,
        prev: bytesToHex(pack.prev),
        id: bytesToHex(packId(hash, pack)),
        readings: packReadings(pack),
      },
    },
    {
      file: 'token.hex',
      about: 'a device token (§3)',
      bytes: encodeToken(crypto, {
        secret: device,
        deviceId: SAMPLE.device,
        now_ms: bundle.now_ms,
        lifetime_s: 300,
        nonce: hash(new Uint8Array([2])).subarray(0, 16),
      }),
      holds: {
        device: SAMPLE.device,
        key: keyOf('es256', SAMPLE.device),
        issued_s: now_s,
        expires_s: now_s + 300,
      },
    },
    {
      file: 'tx.hex',
      about: 'a transaction (§4)',
      bytes: txBytes,
      holds: {
        signer: 'coop',
        key: keyOf('ed25519', 'coop'),
        module: 'lots',
        action: 'harvest',
        id: bytesToHex(txId(hash, decodeTx(txBytes))),
      },
    },
    {
      file: 'header.hex',
      about: 'a block header (§4)',
      bytes: head.header,
      holds: {
        height: header.height,
        time_ms: header.time_ms,
        stateRoot: bytesToHex(header.stateRoot),
        blockHash: bytesToHex(blockHash(hash, head.header)),
      },
    },
    {
      file: 'certificate.hex',
      about: 'the certificate of that header (§4)',
      bytes: head.certificate,
      holds: {
        validators: ['association', 'regulator', 'bureau', 'carrier'].map((id) => ({
          id,
          key: keyOf('ed25519', id),
        })),
      },
    },
    {
      file: 'statement.hex',
      about: 'a monthly statement (§6)',
      bytes: statements[0] ?? new Uint8Array(),
      holds: {
        gateway: statement.signer,
        key: keyOf('ed25519', 'gw'),
        device: statement.device,
        quantity: statement.quantity,
        month: statement.month,
        at_ms: statement.at_ms,
        days: statement.days.map(({ slots, ...day }) => ({ ...day, slots: bytesToHex(slots) })),
      },
    },
    {
      file: 'state-value.hex',
      about: 'a state value and its proof against the stateRoot of that header (§2, §5)',
      bytes: entry?.value ?? new Uint8Array(),
      holds: {
        key: entry?.key,
        siblings: entry?.proof.siblings.map(bytesToHex),
        leaf: entry?.proof.leaf && [
          bytesToHex(entry.proof.leaf.path),
          bytesToHex(entry.proof.leaf.valueHash),
        ],
      },
    },
  ];
}

/** Every file of the folder by name. */
export function exampleFiles(): Map<string, string> {
  const bundles = exampleBundles();
  const lot = bundles.find((b) => b.name === 'good-lot');
  if (lot === undefined) throw new Error('examples: no good lot');
  const formats = singles(lot);
  const cases = bundles.map((bundle) => ({
    file: `${bundle.name}.hex`,
    about: bundle.about,
    pinned: bytesToHex(bundle.pinned),
    now_ms: bundle.now_ms,
    expected: outcomeOf(bundle),
  }));
  const files = new Map<string, string>();
  for (const { name, bytes } of bundles) files.set(`${name}.hex`, hexText(bytes));
  for (const { file, bytes } of formats) files.set(file, hexText(bytes));
  const index = {
    bundles: cases,
    formats: formats.map(({ file, about, holds }) => ({ file, about, holds })),
  };
  files.set('examples.json', `${JSON.stringify(index, null, 2)}\n`);
  files.set('README.md', readme(cases, formats));
  return files;
}

type Case = {
  readonly file: string;
  readonly about: string;
  readonly pinned: string;
  readonly now_ms: number;
  readonly expected: ReturnType<typeof outcomeOf>;
};

function readme(cases: readonly Case[], formats: readonly Single[]): string {
  const rows = cases.map(({ file, about, pinned, expected }) => {
    const outcome = expected.ok
      ? `verifies: height ${expected.height}, ${expected.packs} packs; ${expected.claims.join(', ')}`
      : `breaks at \`${expected.step}\`: \`${expected.code}\``;
    return `| [${file}](${file}) | ${about} | \`${pinned.slice(0, 8)}…\` | ${outcome} |`;
  });
  return `# Examples

Written by \`npx tsx contracts/src/testing/write-examples.ts\`; a test keeps them as they are. Hex, lines of ${LINE} digits.
[examples.json](examples.json) holds the whole hash to pin, the verifier's clock and the expected outcome of each bundle, and what
each single format holds. The formats are those of [formats.md](../formats.md).

## Bundles

| file | what it is | pinned genesis | outcome |
|---|---|---|---|
${rows.join('\n')}

## Single formats

| file | what it is |
|---|---|
${formats.map(({ file, about }) => `| [${file}](${file}) | ${about} |`).join('\n')}
`;
}
