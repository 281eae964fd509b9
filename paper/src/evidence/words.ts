import type { Grade } from '@suyuan/contracts';

/** Both languages side by side: the file is read by people who share neither. */
export const GRADE_WORDS: Record<Grade, string> = {
  proven: '已证实 Proven',
  attested: '有担保 Vouched for',
  'self-declared': '自称 Claimed',
  unknown: '未知 Unknown',
};

export const GRADE_MEANING: Record<Grade, string> = {
  proven: '签名、账本与规则均已核验 Signatures, ledger and rules were checked',
  attested: '由具名的责任方签字 Signed by an accountable party that is named',
  'self-declared': '仅为生产者自己的说法 Only the maker says so',
  unknown:
    '无人说明；缺少读数即为未知，绝不算合格 Nobody says; a missing reading is unknown, never in range',
};

const CLAIMS: Record<string, string> = {
  recall: '召回 Recall',
  dispute: '产地争议 Dispute of origin',
  label: '标签 Label',
  mass: '数量平衡 Mass balance',
  quota: '配额 Quota',
  policy: '转化限量 Limits of transformations',
  age: '年份 Age',
  origin: '产地 Origin',
  ageing: '陈化存放 Ageing',
  'spot-check': '随机抽查 Spot check',
  climate: '温湿度 Climate',
  limit: '限值 Climate limit',
  document: '文件 Document',
  devices: '设备 Devices',
  'process-note': '工艺说明 Process note',
  freshness: '数据新旧 Freshness',
};

const FIELDS: Record<string, string> = {
  batch: '标签批 Label batch',
  number: '序次 Number',
  count: '总数 Count',
  net: '净含量 Net content',
  unit: '单位 Unit',
  issuedAt_ms: '签发 Issued',
  made: '产出 Made',
  left: '剩余 Left',
  labelled: '已贴标 Labelled',
  used: '已使用 Used',
  lost: '损耗 Lost',
  destroyed: '已销毁 Destroyed',
  inputs: '投入 Inputs',
  places: '地点 Places',
  place: '地点 Place',
  from_ms: '自 From',
  to_ms: '至 To',
  covered_ms: '有记录时长 Covered',
  proven_ms: '已证实时长 Proven',
  gaps: '缺口数 Gaps',
  gap_ms: '缺口时长 Length of gaps',
  late: '迟到读数 Late readings',
  claimed_months: '所称月数 Claimed months',
  auditors: '审核方 Auditors',
  picked: '抽取 Picked',
  matched: '吻合 Matched',
  missing: '缺失 Missing',
  contradicted: '矛盾 Contradicted',
  quantity: '测量项 Quantity',
  min: '最低 Least',
  max: '最高 Greatest',
  mean: '平均 Mean',
  devices: '设备 Devices',
  note: '说明 Note',
  head_ms: '账本时间 Ledger time',
  age_ms: '至今 Age',
  stale: '过时 Stale',
  product: '产品 Product',
  granted: '核定 Granted',
  drawn: '已用 Drawn',
  reason: '理由 Reason',
  status: '状态 Status',
  opener: '提出方 Opened by',
  since_ms: '起始 Since',
  recalls: '召回 Recalls',
  document: '文件 Document',
  policy: '政策 Policy',
  steps: '步骤 Steps',
};

export const claimTitle = (kind: string) => CLAIMS[kind] ?? kind;
export const fieldTitle = (key: string) => (Object.hasOwn(FIELDS, key) ? FIELDS[key]! : key);
