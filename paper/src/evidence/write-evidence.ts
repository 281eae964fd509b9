import type { Writable } from 'node:stream';
import { AppError, type Names, type Verdict } from '@suyuan/contracts';
import { darkRuns, qrMatrix } from '../labels/qr.ts';
import { createPdf, PT_PER_MM, streamPdf } from '../pdf.ts';
import { localText, lotCode, type Operator, type TraceRecord } from '../records/trace-record.ts';
import type { ZoneOffset } from '../sheets/zone.ts';
import type { ZipPartDigest } from '../zip/write-zip.ts';
import { bothNames, claimLines, type TimeText } from './claim-lines.ts';
import { Flow, MARGIN_PT, WIDTH_PT } from './flow.ts';
import { claimTitle, GRADE_MEANING, GRADE_WORDS } from './words.ts';

export interface EvidenceDocument {
  /** Hex hash of the file. */
  readonly hash: string;
  readonly kind: string;
  readonly title: string;
  readonly issuer: Names;
  readonly issuedAt_ms: number;
  /** As it stands: valid, expired, revoked, … */
  readonly standing: string;
}

export interface EvidenceInput {
  /** What the code on the product says; printed as text and as QR. */
  readonly link: string;
  /** As it was verified by whoever makes the file. */
  readonly verdict: Verdict;
  readonly created_ms: number;
  /** Name of the zone in which times are printed, and its offset. */
  readonly zone: { readonly name: string; readonly offset: ZoneOffset };
  /** Lots from the first to the scanned one, with their moves. */
  readonly lineage: readonly TraceRecord[];
  readonly documents: readonly EvidenceDocument[];
  /** Files that lie beside this one in the packed file, with their SHA-256. */
  readonly files: readonly ZipPartDigest[];
}

const LIST_MAX = 20_000;
const QR_SIDE_MM = 38;

function assertSize({ lineage, documents, files, verdict }: EvidenceInput): void {
  for (const list of [lineage, documents, files, verdict.claims]) {
    if (list.length > LIST_MAX) {
      throw new AppError(
        'print/too-much-evidence',
        `An evidence file lists at most ${LIST_MAX} entries of a kind: ask for fewer lots.`,
      );
    }
  }
}

function drawQr(flow: Flow, link: string): void {
  const qr = qrMatrix(link);
  const module_pt = (QR_SIDE_MM * PT_PER_MM) / qr.size;
  flow.pdf.save().fillColor('#000');
  flow.pdf.transform(
    module_pt,
    0,
    0,
    module_pt,
    MARGIN_PT + WIDTH_PT - QR_SIDE_MM * PT_PER_MM,
    MARGIN_PT,
  );
  let path = '';
  for (const [x, y, length] of darkRuns(qr)) path += `${x} ${y} ${length} 1 re\n`;
  flow.pdf.addContent(`${path}f`).restore();
}

function titlePage(flow: Flow, input: EvidenceInput, time: TimeText): void {
  const { verdict, link } = input;
  const { subject, product, chain } = verdict;
  drawQr(flow, link);
  flow.text('溯源证据文件', { font: 'bold', size_pt: 22, after_pt: 0 });
  flow.text('Evidence of origin', { font: 'bold', size_pt: 14, after_pt: 0 });
  flow.y_pt = Math.max(flow.y_pt, MARGIN_PT + QR_SIDE_MM * PT_PER_MM + 24);
  flow.text(bothNames(product.name), { font: 'bold', size_pt: 13, after_pt: 6 });
  const facts: [string, string][] = [
    ['链接 Link', link],
    ['商品条码 GTIN', subject.gtin],
    ['批次 Lot', subject.lot ?? '—'],
    ['序列号 Serial', subject.serial ?? '—'],
    ['账本 Ledger', `${chain.name} (${chain.profile})`],
    ['链标识 Chain id', chain.genesis],
    ['区块高度 Height', String(chain.height)],
    ['区块时间 Time of block', time(chain.time_ms)],
    [
      '签名机构 Signed by',
      `${chain.signers.join(', ')} (${chain.signers.length} / ${chain.validators})`,
    ],
    ['本文件生成 Made', time(input.created_ms)],
    ['时区 Time zone', input.zone.name],
    [
      '已核验 Checked',
      `${verdict.counts.signatures} 签名 signatures, ${verdict.counts.hashes} 哈希 hashes, ${verdict.counts.packs} 数据包 packs, ${verdict.counts.readings} 读数 readings`,
    ],
  ];
  for (const fact of facts) flow.row(fact, [1, 3]);
}

function* claimPages(flow: Flow, { verdict }: EvidenceInput, time: TimeText): Generator<void> {
  flow.heading('结论 Claims');
  for (const grade of Object.keys(GRADE_WORDS) as (keyof typeof GRADE_WORDS)[]) {
    flow.text(`${GRADE_WORDS[grade]}: ${GRADE_MEANING[grade]}`, {
      size_pt: 7.5,
      color: '#555',
      after_pt: 1,
    });
  }
  flow.y_pt += 6;
  for (const claim of verdict.claims) {
    flow.ensure(40);
    const by = claim.by === undefined ? '' : ` — ${bothNames(claim.by.name)} (${claim.by.id})`;
    flow.text(`${claimTitle(claim.kind)} · ${GRADE_WORDS[claim.grade]}${by}`, {
      font: 'bold',
      size_pt: 10,
    });
    for (const line of claimLines(claim, time))
      flow.text(line, { size_pt: 8.5, indent_pt: 10, after_pt: 1 });
    if (claim.evidence.length > 0) {
      const refs = claim.evidence.map(({ kind, ref }) => `${kind} ${ref}`).join('; ');
      flow.text(`依据 Rests on: ${refs}`, {
        size_pt: 7,
        indent_pt: 10,
        color: '#555',
        after_pt: 5,
      });
    }
    yield;
  }
}

function* lineagePages(flow: Flow, { lineage }: EvidenceInput, time: TimeText): Generator<void> {
  flow.heading('来龙去脉 Lineage');
  const widths = [3, 3, 1.6, 2.4, 3, 2.6, 3.4];
  flow.row(
    [
      '批次 Lot',
      '产品 Product',
      '数量 Amount',
      '时间 Time',
      '地点 Place',
      '责任方 Holder',
      '来自 Made from',
    ],
    widths,
    'bold',
  );
  for (const lot of lineage) {
    const unit = lot.unit === 'g' ? 'g' : 'pcs';
    flow.row(
      [
        lotCode(lot),
        bothNames(lot.product),
        `${lot.amount} ${unit}`,
        `${time(lot.time_ms)} ${lot.process}`,
        `${bothNames(lot.place.name)}, ${bothNames(lot.place.township)} ${lot.place.gln}`,
        operatorText(lot.holder),
        lot.inputs
          .map((input) => `${lotCode(input)} ${input.amount} ${input.unit === 'g' ? 'g' : 'pcs'}`)
          .join('; ') || '—',
      ],
      widths,
    );
    flow.text(`交易 Transaction ${lot.tx}`, { size_pt: 6.5, color: '#555' });
    yield;
  }
}

const operatorText = ({ name, uscc }: Operator) =>
  bothNames(name) + (uscc === null ? '' : ` ${uscc}`);

function* custodyPages(flow: Flow, { lineage }: EvidenceInput, time: TimeText): Generator<void> {
  flow.heading('交接 Custody');
  const widths = [3, 3, 3, 2.4, 2.4, 2, 2];
  flow.row(
    [
      '批次 Lot',
      '发货方 From',
      '收货方 To',
      '发货 Shipped',
      '收货 Received',
      '发出 Sent',
      '收到 Got',
    ],
    widths,
    'bold',
  );
  for (const lot of lineage) {
    for (const move of lot.moves) {
      const unit = move.unit === 'g' ? 'g' : 'pcs';
      flow.row(
        [
          lotCode(lot),
          `${operatorText(move.from)}, ${bothNames(move.fromPlace.name)}`,
          `${operatorText(move.to)}, ${bothNames(move.toPlace.name)}`,
          time(move.shippedAt_ms),
          move.receivedAt_ms === null ? '未收货 not received' : time(move.receivedAt_ms),
          `${move.amount} ${unit}`,
          move.received === null ? '—' : `${move.received} ${unit}`,
        ],
        widths,
      );
      yield;
    }
  }
}

function* documentPages(flow: Flow, input: EvidenceInput, time: TimeText): Generator<void> {
  flow.heading('文件 Documents');
  const widths = [2, 3, 3, 2, 1.6, 5];
  flow.row(
    ['种类 Kind', '名称 Title', '出具方 Issuer', '日期 Date', '状态 Standing', '哈希 Hash'],
    widths,
    'bold',
  );
  for (const { kind, title, issuer, issuedAt_ms, standing, hash } of input.documents) {
    flow.row([kind, title, bothNames(issuer), time(issuedAt_ms), standing, hash], widths);
    yield;
  }
  flow.heading('随附文件 Files beside this one (SHA-256)');
  for (const { name, size_bytes, sha256 } of input.files) {
    flow.row([name, `${size_bytes} B`, sha256], [3, 1, 5]);
    yield;
  }
}

function howToVerify(flow: Flow, { verdict }: EvidenceInput): void {
  flow.heading('如何核验 How to verify');
  const steps = [
    '1. 本 PDF 仅供阅读，证据在随附的证据包（bundle）中。 This PDF is for reading; the evidence is the bundle beside it.',
    '2. 逐一计算随附文件的 SHA-256，与清单（manifest.json）比对。 Compute the SHA-256 of each file and compare it with manifest.json.',
    `3. 从账本成员机构处取得链标识，确认与本文件相同：${verdict.chain.genesis}。 Obtain the chain id from a member of the ledger by another way than this file, and compare it with the one printed here.`,
    '4. 用公开的核验程序离线打开证据包；它会按 docs/formats.md 第 8 节核对签名、证书、状态证明与读数。 Open the bundle in the public verifier, offline; it checks signatures, certificates, state proofs and readings as docs/formats.md §8 says. Any program written from that text gives the same result.',
    '5. 结论须与本文件一致；不一致时以核验结果为准。 The claims must be those printed here; where they differ, what the verifier says holds.',
    '传感器证明的是仓库环境，不是其中的货物；未被记录的时间为未知。 Sensors prove the room, not the goods in it; time without record is unknown.',
  ];
  for (const step of steps) flow.text(step, { after_pt: 5 });
}

/**
 * Writes the readable part of an evidence file to `out` as PDF, and ends it: title with QR, claims with grades, lineage, custody, documents,
 * files and how to verify, all in Chinese and English. Nothing is shortened. Throws `print/…`.
 */
export async function writeEvidencePdf(out: Writable, input: EvidenceInput): Promise<void> {
  assertSize(input);
  const title = `Suyuan evidence 溯源证据 ${input.verdict.subject.gtin}`;
  const pdf = createPdf({ title, created_ms: input.created_ms });
  const time: TimeText = (time_ms) => localText(time_ms, input.zone.offset);
  function* pages(): Generator<void> {
    const flow = new Flow(pdf, `${title} · ${input.verdict.chain.genesis.slice(0, 16)}…`);
    titlePage(flow, input, time);
    yield;
    yield* claimPages(flow, input, time);
    yield* lineagePages(flow, input, time);
    yield* custodyPages(flow, input, time);
    yield* documentPages(flow, input, time);
    howToVerify(flow, input);
  }
  await streamPdf(pdf, pages(), out);
}
