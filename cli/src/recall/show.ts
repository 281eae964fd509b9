// `suyuan recall list`, `show` and `report-drill`.

import { type CborValue, decodeCbor } from '@suyuan/contracts';
import { CliError } from '../errors.ts';
import { requestJson, serverUrl } from '../http.ts';
import { plainText, tableLines, terminalWidth } from '../import/screen.ts';
import { counted, percentOf, type Sums, sumsText } from '../trace/amounts.ts';
import { lotText } from '../trace/source.ts';
import {
  calendarKeys,
  chinaTime,
  finishLine,
  spanText,
  startLine,
  workdaysLeft,
} from './deadline.ts';
import {
  recallOf,
  recallUrl,
  type ToldHolder,
  type ToldRecall,
  type WholeRecall,
} from './record.ts';
import { entryReader } from './whereabouts.ts';

export interface ReadOptions {
  readonly server: string;
  readonly json?: true;
}

/** Far beyond what a ledger of one county opens in years. */
const RECALLS_MAX = 10_000;

export async function listRecalls({ server: text, json }: ReadOptions): Promise<void> {
  const server = serverUrl(text);
  const all: ToldRecall[] = [];
  for (let after: string | null = ''; after !== null && all.length < RECALLS_MAX; ) {
    const url: URL = new URL('/api/v1/recalls', server);
    if (after !== '') url.searchParams.set('after', after);
    const page: Record<string, unknown> = await requestJson(url);
    all.push(...(page.recalls as ToldRecall[]));
    after = typeof page.next === 'string' ? page.next : null;
  }
  if (json) {
    console.log(JSON.stringify({ recalls: all }));
    return;
  }
  if (all.length === 0) {
    console.log('没有召回 no recalls');
    return;
  }
  const rows = all.map((recall) => [
    recall.id,
    kindOf(recall),
    recall.status === 'open' ? '进行中 open' : '已结束 closed',
    String(recall.scope.count),
    `${recall.acknowledged}/${recall.holders}`,
    `${percentOf(recall.reported, recall.due)} %`,
    chinaTime(recall.openedAt).slice(0, 10),
  ]);
  const heading = [
    '编号 id',
    '种类 kind',
    '状态 state',
    '批 lots',
    '确认 ack',
    '核实',
    '启动 opened',
  ];
  console.log(tableLines(heading, rows, terminalWidth()).join('\n'));
}

function kindOf({ mock, level }: Pick<ToldRecall, 'mock' | 'level'>): string {
  return mock ? `演练 drill ${level}` : `召回 level ${level}`;
}

export async function showRecall(id: string, { server: text, json }: ReadOptions): Promise<void> {
  const server = serverUrl(text);
  const recall = await recallOf(server, id);
  if (json) {
    console.log(JSON.stringify(recall));
    return;
  }
  const { due, reported, holders, acknowledged, holderRecords } = recall;
  const open = recall.status === 'open';
  console.log(`${kindOf(recall)} ${recall.id}  ${open ? '进行中 OPEN' : '已结束 closed'}`);
  console.log(holdLine(recall));
  console.log('');
  const done = sumOver(holderRecords, 'recovered', 'destroyed', 'sold');
  console.log(
    `涉及 concerned  ${counted(recall.scope.count, 'lot')}, ${sumsText(due)}, ${counted(holders, 'holder')}`,
  );
  console.log(`确认 read       ${acknowledged} of ${counted(holders, 'holder')}`);
  console.log(
    `核实 reconciled ${percentOf(reported, due)} %: recovered ${sumsText(done.recovered)}, destroyed ${sumsText(done.destroyed)}, sold ${sumsText(done.sold)}`,
  );
  for (const line of await deadlineLines(server, recall)) console.log(line);
  if (recall.shortfall !== undefined)
    console.log(
      `差额 shortfall  ${sumsText(recall.shortfall)}: ${plainText(recall.shortfall.reason)}`,
    );
  console.log(`原因 reason     ${plainText(recall.reason)}`);
  console.log(
    `启动 opened     ${chinaTime(recall.openedAt)} by ${recall.opener}\n起点 seeds      ${recall.seeds.map(lotText).join(', ')}`,
  );
  console.log('');
  console.log(
    tableLines(
      HEADING,
      holderRecords.map((h) => holderRow(h, recall)),
      terminalWidth(),
    ).join('\n'),
  );
}

function holdLine({ status, mock, closedAt }: ToldRecall): string {
  if (mock) return '▷ 演练，交易照常 drill: trade goes on';
  if (status === 'open')
    return '■ 停止发货、加工、赋码 HOLD: no shipping, processing, labelling of these lots';
  return `□ 已解除 hold lifted ${closedAt === undefined ? '' : chinaTime(closedAt)}`;
}

const HEADING = ['持有 holder', '应报 due', '确认 read', '报告 reported', '核实', '通知 notice'];

function holderRow(holder: ToldHolder, { openedAt }: ToldRecall): string[] {
  const { recovered, destroyed, sold, due } = holder;
  const sum = { g: 0, count: 0 };
  for (const part of [recovered, destroyed, sold]) {
    sum.g += part.g;
    sum.count += part.count;
  }
  const after = (at: number | undefined) =>
    at === undefined ? '—' : `+${spanText(at - openedAt)}`;
  const last = holder.notices.at(-1);
  const told = last === undefined ? '—' : (NOTICES[last.state] ?? last.state);
  return [
    holder.account,
    sumsText(due),
    after(holder.acknowledgedAt),
    after(holder.reportedAt),
    `${percentOf(sum, due)} %`,
    last?.attempts === undefined || last.attempts < 2 ? told : `${told}, ${last.attempts} tries`,
  ];
}

const NOTICES: Readonly<Record<string, string>> = {
  'no-contact': '无地址 no address',
  waiting: '发送中 waiting',
  delivered: '已达 delivered',
  'given-up': '放弃 given up',
  refused: '地址不可用 bad address',
};

type Part = 'recovered' | 'destroyed' | 'sold';

function sumOver<P extends Part>(holders: readonly ToldHolder[], ...parts: P[]): Record<P, Sums> {
  const sum = (part: P): Sums =>
    holders.reduce(
      (all, holder) => ({ g: all.g + holder[part].g, count: all.count + holder[part].count }),
      { g: 0, count: 0 },
    );
  return Object.fromEntries(parts.map((part) => [part, sum(part)])) as Record<P, Sums>;
}

/** By the node's clock, from which its countdown is taken. */
async function deadlineLines(server: URL, recall: WholeRecall): Promise<string[]> {
  const { startDue, finishDue, countdown, uncalendared } = recall;
  if (startDue === undefined || finishDue === undefined)
    return ['时限 deadlines  none: the product has no policy that names them'];
  const { start_ms, finish_ms } = countdown;
  if (start_ms === null || finish_ms === null) return [];
  const now_ms = finishDue - finish_ms;
  const entries = await entryReader(server)(calendarKeys(now_ms, finishDue));
  const calendars = new Map<string, CborValue>(
    [...entries].map(([key, value]) => [key, decodeCbor(value)]),
  );
  const read = recall.holderRecords.map(({ acknowledgedAt }) => acknowledgedAt ?? Infinity);
  const lastRead = Math.max(...read);
  const started =
    lastRead <= startDue
      ? `${chinaTime(startDue)}  kept: all read by ${chinaTime(lastRead).slice(0, 16)}`
      : startLine(startDue, start_ms);
  return [
    `启动期限 start  ${started}`,
    `完成期限 finish ${finishLine(finishDue, finish_ms, workdaysLeft(calendars, now_ms, finishDue))}`,
    ...(uncalendared
      ? ['                (Monday to Friday: no calendar of that year on the ledger)']
      : []),
  ];
}

export async function reportDrill(id: string, { server: text, json }: ReadOptions): Promise<void> {
  const server = serverUrl(text);
  const report = await requestJson(new URL(`${recallUrl(server, id).href}/report`));
  if (json) {
    console.log(JSON.stringify(report));
    return;
  }
  if (!Array.isArray(report.holders))
    throw new CliError(`${server.origin} did not answer with a report; is it a Suyuan node?`);
  const when = (time: unknown) => (typeof time === 'number' ? `+${spanText(time)}` : 'not yet');
  const holders = report.holders as Record<string, unknown>[];
  console.log(
    `${report.mock === true ? '演练 drill' : '召回 recall'} ${id}: ${counted(Number(report.lots), 'lot')}, ${counted(holders.length, 'holder')}`,
  );
  console.log(`opened            ${chinaTime(Number(report.openedAt))}`);
  console.log(`all have read it  ${when(report.allAcknowledged_ms)}`);
  console.log(
    `all accounted for ${when(report.reconciled_ms)}  (${Math.floor(Number(report.reconciled_permille) / 10)} % now)`,
  );
  console.log(`closed            ${when(report.closed_ms)}`);
  console.log('');
  const rows = holders.map((h) => [
    String(h.account),
    when(h.acknowledged_ms),
    when(h.reported_ms),
  ]);
  console.log(
    tableLines(['持有 holder', '确认 read', '报告 reported'], rows, terminalWidth()).join('\n'),
  );
}
