import { chineseNumeral, formatDuration, formatMonths, formatSilence } from '../format/duration.ts';
import { type AgeSummary, type Alert, isGrave, type Seal, type Summary } from '../scan/summary.ts';
import { scansZh } from '../scans/words-zh.ts';
import type { ClaimKind, Grade, VerifyStep } from '../verify/types.ts';

const age = (ms: number) => formatDuration(ms, 'zh');
const silence = (ms: number) => formatSilence(ms, 'zh');
const months = (count: number) => formatMonths(count, 'zh');

function source({ subject, origin, lot, unit, alerts }: Summary): string {
  if (subject === 'product') return '产品已在账本登记';
  if (subject === 'unit' && unit !== 'proven') return '这一包的身份没有证实';
  if (lot !== 'proven') return '批次没有证实';
  if (alerts.some(({ kind }) => kind === 'disputed')) return '批次属实，产地有争议';
  if (origin.grade === 'proven') return '产地与批次已证实';
  if (origin.grade === 'attested') return '批次属实，产地有人担保';
  return origin.grade === 'self-declared' ? '批次属实，产地只是自称' : '批次属实，产地不明';
}

function ageing(a: AgeSummary): string {
  const claimed = a.claimed_months === null ? '' : months(a.claimed_months);
  switch (a.reach) {
    case 'none':
      return claimed === '' ? '存放过程没有读数' : `标签所称 ${claimed}没有读数可查`;
    case 'all':
      return a.grade === 'proven'
        ? `所称 ${claimed}陈化全程已证实`
        : `所称 ${claimed}陈化全程有读数`;
    case 'nearly':
      return `所称 ${claimed}陈化，读数只缺 ${age(a.short_ms)}`;
    case 'part':
      return `陈化有读数 ${age(a.covered_ms)}，标签所称 ${claimed}未全证`;
    case 'unclaimed':
      if (a.short_ms === 0) return `存放 ${age(a.stay_ms)}，全程有读数`;
      return a.whole
        ? `存放 ${age(a.stay_ms)}，读数只缺 ${age(a.short_ms)}`
        : `存放 ${age(a.stay_ms)}，有读数 ${age(a.covered_ms)}`;
  }
}

function alarm({ kind }: Alert): readonly [string, string] | null {
  switch (kind) {
    case 'recalled':
      return ['这一批已被召回；', '请不要食用、使用或转卖'];
    case 'void':
      return ['这一包的标签已作废；', '请不要当作正品'];
    case 'refuted':
      return ['产地已被查实不属实；', '标签上的产地不要相信'];
    case 'beyond-policy':
      return ['产量超出了规定；', '账本的规则没有被遵守'];
    default:
      return null;
  }
}

const grade: Record<Grade, string> = {
  proven: '已证实',
  attested: '有担保',
  'self-declared': '自称',
  unknown: '未知',
};

const step: Record<VerifyStep, string> = {
  bundle: '证据文件完整，格式无误',
  genesis: '账本的根与本机认定的一致',
  epochs: '记账机构历次更替都有签名',
  certificate: '最新区块由过半数以上机构签名',
  state: '每条记录都确实在账本里',
  lots: '批次前后相接，重量没有凭空增加',
  recalls: '召回范围有凭证，漏不掉也加不进',
  unit: '这一包在签发名单里',
  anchors: '读数的指纹已先写进账本',
  packs: '传感器的签名逐条有效',
  statements: '网关月报的签名有效',
  samples: '本机随机抽查的读数对得上',
  claims: '结论按规则得出',
};

const broken: Record<VerifyStep, string> = {
  bundle: '证据文件残缺，或者格式不对',
  genesis: '证据来自另一本账，不是本机认定的那一本',
  epochs: '记账机构的更替缺少应有的签名',
  certificate: '最新区块没有足够机构的有效签名',
  state: '有记录并不在账本里，或者被改动过',
  lots: '批次的来历接不上，或者重量对不上',
  recalls: '召回范围的凭证不成立',
  unit: '这一包不在签发名单里',
  anchors: '读数的指纹与账本里的不符',
  packs: '有传感器的签名无效',
  statements: '网关月报的签名无效',
  samples: '随机抽查的读数与账本不符',
  claims: '证据推不出页面上的结论',
};

export const zh = {
  brand: '溯源',
  skip: '跳到正文',
  switchLanguage: 'English',
  switchLanguageLabel: 'Switch to English',
  nav: { products: '产品', status: '运行状况' },
  grade,
  attestedBy: (name: string) => `由${name}担保`,
  step,
  broken,

  title: {
    list: '溯源 · 每一包都能自己查',
    status: '溯源 · 运行状况',
    scan: (product: string) => `${product} · 溯源`,
    checking: '正在核对 · 溯源',
    notice: '溯源',
  },

  verdict: {
    /** One sentence in two clauses: what it is and where from, how long it aged. */
    sentence: (summary: Summary): readonly [string, string] => {
      const [first] = summary.alerts;
      return (
        (first && alarm(first)) ?? [
          `${source(summary)}；`,
          summary.subject === 'product' ? '码里没有批号，查不到具体一批' : ageing(summary.age),
        ]
      );
    },
    second: (summary: Summary): string => {
      if (summary.alerts.some(isGrave)) {
        return '下面的记录仍然列出，供您和监管部门查对；它们不能为这一包作保。';
      }
      const { age: a, origin, spotCheck } = summary;
      const parts: string[] = [];
      if (spotCheck !== null && spotCheck.contradicted > 0) {
        return `抽查发现 ${spotCheck.contradicted} 处读数与网关所说的不符，所以网关的担保一概不算。`;
      }
      if (origin.by !== null) parts.push(`产地由${origin.by.name.zh}担保`);
      if (a.reach !== 'none') {
        if (a.grade === 'attested') {
          const who = a.by === null ? '网关' : a.by.name.zh;
          parts.push(
            a.proven_ms > 0
              ? `其中 ${age(a.proven_ms)}的原始读数由您的手机逐条核对，其余由${who}担保`
              : `读数由${who}担保`,
          );
        } else if (a.grade === 'proven') parts.push('读数由您的手机逐条核对');
      }
      if (spotCheck !== null && spotCheck.picked > 0) {
        parts.push(
          spotCheck.matched === spotCheck.picked
            ? `随机抽查 ${spotCheck.picked} 处，全部吻合`
            : `随机抽查 ${spotCheck.picked} 处，吻合 ${spotCheck.matched} 处，${spotCheck.missing} 处没有送来`,
        );
      }
      return parts.length === 0 ? '' : `${parts.join('；')}。`;
    },
    level: { complete: '证据齐全', partly: '部分有据', warned: '有警示' },
    lot: (lot: string) => `批次 ${lot}`,
    pack: (number: string, count: string) => `第 ${number} 包，共 ${count} 包`,
    checked: (signatures: string, hashes: string, seconds: string) =>
      `已在本机核对 ${signatures} 个签名、${hashes} 个哈希，用时 ${seconds} 秒`,
    stored: (when: string) =>
      `连不上服务器。以下是本机 ${when} 保存、刚刚重新核对过的证据；此后的变化看不到。`,
    stale: (when: string) => `账本最新一页停在 ${when}，此后的变化看不到。`,
  },
  seal: (seal: Seal): readonly string[] => {
    switch (seal.kind) {
      case 'age':
        return [`${chineseNumeral(seal.years)}年`, '可证'];
      case 'unit':
        return ['此包', '在册'];
      case 'lot':
        return ['批次', '在册'];
      case 'none':
        return ['未证'];
      case 'recalled':
        return ['已', '召回'];
    }
  },

  alert: {
    region: '警示',
    heading: (alert: Alert): string => {
      switch (alert.kind) {
        case 'recalled':
          return `已召回（${['一', '二', '三'][alert.level - 1]}级）`;
        case 'refuted':
          return '产地已被查实不属实';
        case 'disputed':
          return '产地有争议，尚未裁定';
        case 'void':
          return '此标签已作废';
        case 'beyond-policy':
          return '有一步的产出超过了规定上限';
        case 'excursion':
          return `温湿度超出规定 ${alert.times} 次`;
        case 'spare':
          return '此标签没有用在任何包装上';
        case 'printed':
          return '此标签已印出，还没有登记贴上包装';
        case 'recall-unknown':
          return '不知道这一批有没有被召回';
        case 'label-unknown':
          return '不知道此标签是否已作废';
      }
    },
    body: (alert: Alert, since: string): string => {
      switch (alert.kind) {
        case 'recalled':
          return `${alert.by.name.zh}自 ${since} 起召回，原因：${alert.reason}。请停止食用或使用，留好包装，联系购买处。`;
        case 'refuted':
          return `种植者${alert.by?.name.zh ?? ''}否认这批货出自其地块，监管部门已认定属实${alert.reason === '' ? '' : `：${alert.reason}`}。`;
        case 'disputed':
          return `种植者${alert.by?.name.zh ?? ''}否认这批货出自其地块${alert.reason === '' ? '' : `：${alert.reason}`}。裁定之前，产地不能算数。`;
        case 'void':
          return `${alert.by.name.zh}已将它作废，原因：${alert.reason}。如果它贴在包装上，这一包来历不明。`;
        case 'beyond-policy':
          return '您的手机按签发的规定重算了每一步，有一步对不上。详见下面“规定重算”。';
        case 'excursion':
          return '传感器签名的读数表明，存放或运输途中超出了规定的界限。何时、多久，见下面的温湿度。';
        case 'spare':
          return '整卷标签用完时它还没有贴出，重量已退回批次。如果它贴在包装上，这一包来历不明。';
        case 'printed':
          return '可能是刚刚包装，也可能是标签流失。请稍后再查。';
        case 'recall-unknown':
          return '服务器没有给出完整的召回证据。没有证据不等于没有召回。';
        case 'label-unknown':
          return '服务器没有给出作废名单的证据。';
      }
    },
  },

  checking: {
    heading: '正在您的手机上核对',
    lead: '不听网站一面之词：签名和哈希都在这台设备上算一遍。',
    fetching: '正在取证据',
    steps: '核对步骤',
    progress: (done: number, total: number) => `${done} / ${total}`,
    sampling: (fetched: number, picked: number) => `随机抽查：已取 ${fetched} / ${picked}`,
    done: '已核对',
    waiting: '等待',
    active: '进行中',
  },

  checks: {
    heading: '核对了什么',
    counts: (packs: string, readings: string) => `共 ${packs} 条签名数据、${readings} 个读数。`,
    signers: (signers: string, total: number) =>
      `最新区块由 ${signers} 签名（共 ${total} 家记账机构）。`,
    head: (height: string, when: string) => `账本高度 ${height}，${when}。`,
    exact: (elapsed: string) => `核对用时 ${elapsed} 毫秒，计算全部在本机完成。`,
  },

  age: {
    heading: '陈化年份',
    headingStay: '存放时间',
    covered: '有读数的时间',
    claimed: '标签所称',
    claimedShort: (short_ms: number) => `标签所称，${age(short_ms)}没有读数`,
    stay: '存放至今',
    none: '没有读数',
    provenPart: (ms: number) => `其中 ${age(ms)}由本机逐条核对`,
    gaps: (count: number, ms: number) => `缺失 ${count} 段，共 ${silence(ms)}`,
    noGaps: '没有缺失',
    late: (count: string) => `${count} 个读数迟到 48 小时以上，其时间只凭传感器自己的钟。`,
    legend: {
      proven: '本机核对过',
      attested: '有读数，有人担保',
      gap: '读数中断',
      unrecorded: '没有读数，不算',
      tick: '本机抽查处',
    },
    claimedFrom: '标签称起点',
    today: '今天',
    label: (covered_ms: number, from: string, to: string, gaps: number, gap_ms: number) =>
      `时间带，${from} 到 ${to}：有读数 ${age(covered_ms)}，中断 ${gaps} 段共 ${silence(gap_ms)}`,
  },

  origin: {
    heading: '产地与数量',
    unknown: '产地没有记录',
    notShown: '来路太长，其余产地没有列出',
    kinds: {
      plot: '果园或田块',
      yard: '晒场',
      warehouse: '仓库',
      plant: '加工厂',
      vehicle: '车辆',
      shop: '门店',
      laboratory: '检测室',
    } as Record<string, string>,
    mass: (made: string) => `本批 ${made}`,
    inputs: (inputs: string) => `由 ${inputs} 原料制成`,
    labelled: (labelled: string, percent: string) => `已贴标 ${labelled}，占 ${percent}`,
    rule: '账本按重量放行：贴标总重不得超过本批实重，多一包也签不出。',
    jin: (jin: string) => `约 ${jin}`,
    package: (net: string) => `每包净重 ${net}`,
    barLabel: (percent: string) => `已贴标占本批重量 ${percent}`,
    packs: (issued: string, possible: string, net: string) =>
      `已签发 ${issued} 包，本批最多 ${possible} 包（每包 ${net}）`,
    mark: (name: string) => `“${name}”产区内`,
    grantedBy: (name: string) => `${name}授予`,
    basis: {
      membership: '采收时该地块在标志名册内',
      registration: '地块登记在账本',
      consent: '种植者本人签字同意收购',
      'no-consent': '没有种植者签字，只有收购方自称',
      audit: '账本之前的存货，由审计盘点入账',
    },
    quota: (product: string, season: string) => `${product}配额 ${season}`,
    quotaBar: (drawn: string, granted: string, percent: string) =>
      `已用 ${drawn}，共 ${granted}（${percent}）`,
    quotaPlots: (plots: number, here: string) => `${plots} 块地；其中本批来路用了 ${here}`,
    quotaUnknown: '配额没有全部列出',
    lost: (amount: string) => `损耗 ${amount}`,
    destroyed: (amount: string) => `销毁 ${amount}`,
    used: (amount: string) => `制成别的批次 ${amount}`,
    left: (amount: string) => `散装剩余 ${amount}`,
  },

  papers: {
    heading: '文件',
    lead: '文件由签发者担保；账本只记它的指纹、有效期和是否撤销。',
    types: {
      photo: '照片',
      'laboratory-report': '检测报告',
      conformity: '承诺达标合格证',
      'gi-authorisation': '地理标志授权',
      licence: '许可证',
      calibration: '校准证书',
      audit: '审计报告',
      invoice: '发票',
      other: '其他文件',
    } as Record<string, string>,
    standing: {
      valid: '有效',
      expired: '已过期',
      revoked: '已撤销',
      'not-yet': '尚未生效',
    },
    until: (when: string) => `有效至 ${when}`,
    issued: (when: string) => `签发于 ${when}`,
    fingerprint: 'SHA-256',
    notShown: '有文件没有列出',
  },

  climate: {
    heading: '温度与湿度',
    device: '传感器',
    ranges: { all: '全程', month: '近 30 天', recent: '近 48 小时' },
    rangeLabel: '时间范围',
    summary: (name: string, min: string, max: string, mean: string) =>
      `${name} ${min} – ${max}，平均 ${mean}`,
    nothing: '没有读数',
    noSeries: '这一批没有温湿度读数。',
    read: (when: string, values: string) => `${when}：${values}`,
    readNothing: (when: string) => `${when}：没有读数`,
    hint: '拖动或按左右键看数值',
    slider: '沿时间查看读数',
    band: '最低到最高',
    mean: '平均',
    hole: '没有读数',
    provenRail: '本机核对',
    attestedRail: '网关担保',
    table: '用表格看',
    columns: { from: '时段', min: '最低', max: '最高', mean: '平均', grade: '依据' },
    mixed: '部分核对',
    proves: '传感器证明的是库房，不是货本身。',
    kinetic: (value: string) => `平均动力学温度 ${value}`,
    limits: '规定的界限',
    bound: (name: string, above: boolean, limit: string, duration: string, cumulative: boolean) =>
      `${name}${above ? '高于' : '低于'} ${limit}${cumulative ? '累计' : '连续'}满 ${duration}`,
    exceeded: (count: number, longest: string) => `超限 ${count} 次，最长 ${longest}`,
    noneShown: '有读数的时间里没有超限',
    boundHidden: (product: string) => `${product}：链上有界限，此处未出示`,
    boundUnknown: '不知是否越过',
    statedDays: (days: number) => `另有 ${days} 天的月报极值越过界限`,
    unknownFor: (duration: string) => `${duration}没有读数，不知道`,
  },

  timeline: {
    heading: '这批货走过的路',
    zone: (zone: string) => `日期按本机时区 ${zone}。`,
    signedBy: (name: string) => `${name}签名`,
    processes: {
      harvest: '采收',
      grade: '分级',
      wash: '清洗',
      peel: '开皮',
      'peel-dry': '开皮晒干',
      dry: '晒干',
      age: '入仓陈化',
      store: '入仓',
      resun: '复晒',
      mill: '碾米',
      pack: '分装',
      blend: '拼配',
      split: '分批',
      open: '期初登记',
      opening: '期初登记',
      label: '贴标签发',
      purchase: '收购鲜果',
      'opening-balance': '审计后入账',
      're-sun': '复晒',
      clean: '清洗',
      mix: '拼配',
      chill: '预冷',
      merge: '并批',
      receive: '收货',
      carry: '装车起运',
      move: '移库',
    } as Record<string, string>,
    kinds: {
      harvest: '采收',
      purchase: '收购',
      opening: '期初登记',
      transform: '加工',
      label: '贴标签发',
      move: '移动',
    },
    heldBy: (name: string) => `${name}持有`,
  },

  claims: {
    heading: '逐条结论',
    lead: '点开看依据：谁签的、证明了什么、没证明什么。',
    kinds: {
      recall: '召回',
      dispute: '产地争议',
      label: '这一包的身份',
      mass: '数量账',
      quota: '地块配额',
      policy: '规定重算',
      age: '账本上的年份',
      limit: '气候界限',
      document: '文件',
      origin: '产地',
      ageing: '存放与陈化',
      'spot-check': '随机抽查',
      climate: '温湿度',
      devices: '传感器',
      'process-note': '工艺说明',
      freshness: '账本新旧',
    } satisfies Record<ClaimKind, string>,
    proves: '证明了',
    provesNot: '没有证明',
    evidence: '依据',
    evidenceKinds: {
      state: '账本记录',
      transaction: '账本交易',
      pack: '传感器数据包',
      statement: '网关月报',
      anchor: '读数锚点',
      header: '区块头',
    },
    more: (count: number) => `另有 ${count} 条，见证据文件`,
    by: (name: string, id: string) => `担保人：${name}（${id}）`,
    label: (number: string, count: string, net: string) =>
      `第 ${number} 包，共 ${count} 包，每包 ${net}`,
    issued: (when: string) => `签发于 ${when}`,
    mass: (made: string, labelled: string) => `制成 ${made}，贴标 ${labelled}`,
    covered: (covered_ms: number, stay_ms: number) =>
      `存放 ${age(stay_ms)}，有读数 ${age(covered_ms)}`,
    spot: (picked: number, matched: number, missing: number, contradicted: number) =>
      `抽 ${picked} 处，对上 ${matched} 处${missing > 0 ? `，缺 ${missing} 处` : ''}${contradicted > 0 ? `，${contradicted} 处与网关所说不符` : ''}`,
    devices: (count: number) => `${count} 个传感器已登记，未注销`,
    device: (id: string, suite: string, calibrated: string) => `${id} · ${suite} · ${calibrated}`,
    calibrated: (when: string) => `校准有效至 ${when}`,
    notCalibrated: '校准情况没有记录',
    fresh: (age_ms: number) => `账本最新一页是 ${age(age_ms)}前的`,
    readings: (count: string) => `${count} 个读数`,
    nothing: '没有记录',
    noRecall: '没有召回涉及这一批',
    recallUnknown: '召回证据不全，不知道',
    recalled: (level: number, since: string) => `${level} 级召回，自 ${since}`,
    dispute: { open: '争议中', upheld: '已查实不属实', unknown: '案卷没有列出' },
    steps: (good: number, all: number) => `${all} 步中 ${good} 步在规定之内`,
    yieldStep: (lot: string, from: string, to: string, most: string, policy: string) =>
      `${lot}：${from} → ${to}，上限 ${most}（${policy}）`,
    born: (when: string, old: string) => `最晚采收于 ${when}，距今 ${old}`,
    standing: {
      active: '已贴上包装',
      printed: '还没有贴上包装',
      spare: '没有用上',
      void: '已作废',
      unknown: '是否作废未知',
    },
    hidden: {
      none: '没有刮码',
      sealed: '刮码未刮开',
      revealed: '刮码已刮开过',
      unknown: '刮码是否刮开未知',
    },
  },
  explain: {
    recall: {
      proves: '账本上每一起正在进行的召回都查过，这一批在不在范围内有凭证，谁也漏不掉。',
      not: '明天不会召回；请看账本这一页有多新。',
    },
    dispute: {
      proves: '有种植者在账本上签字否认，或者监管部门已作出认定。',
      not: '谁对谁错；那要等裁定。',
    },
    quota: {
      proves: '这些地块这一季能出多少、已经出了多少，超额的采收账本不收。',
      not: '地块上真的长出了这么多果。',
    },
    policy: {
      proves: '您的手机按当时的规定重新算过每一步的产出上限。',
      not: '规定本身定得对不对。',
    },
    age: {
      proves: '账本最早何时知道这批货里最嫩的果；标签年份超过它就签不出来。',
      not: '采收日期报得准不准；期初存货的年份凭审计。',
    },
    limit: {
      proves: '签名读数显示的越限；只算前后两个读数都越限的时间。',
      not: '没有读数的时间是否越限。没有读数就是不知道。',
    },
    document: {
      proves: '签发者在账本上签字登记了这份文件的指纹，此后没有撤销。',
      not: '文件里写的都是真的。',
    },
    label: {
      proves: '账本接受过这批标签，这个编号在名单之内，名单的总重没有超过批次重量。',
      not: '标签没有被撕下来贴到别的包装上。',
    },
    mass: {
      proves: '从采收到贴标，每一步的重量都受规则约束，没有多贴一克。',
      not: '采收时称重的人没有虚报。',
    },
    origin: {
      proves: '这批货追溯到账本登记的地块；地块在哪，由登记它的机构担保。',
      not: '种植者没有把别处的收成算进来。',
    },
    ageing: {
      proves: '有读数的时间里，登记的传感器一直在这批货登记的仓里工作。',
      not: '货一直在那间仓里；没有读数的时间发生了什么。',
    },
    'spot-check': {
      proves: '锚点先写进账本，抽哪几处由您的手机事后随机决定，服务器无法事先准备。',
      not: '没抽到的每一处都完好；那些由网关担保。',
    },
    climate: {
      proves: '读数由登记的传感器签名，与账本里的指纹一致，或由网关在月报里担保。',
      not: '传感器摆放的位置能代表整间仓，更不是货本身的状态。',
    },
    devices: {
      proves: '签名的钥匙登记在账本上，截至这一页没有注销。',
      not: '传感器没有被人加热、加湿或搬动。',
    },
    'process-note': { proves: '生产者签名写下了这句话。', not: '这句话是真的。' },
    freshness: {
      proves: '到这一页为止的账，您都看到了。',
      not: '这一页之后没有新的情况。',
    },
  } satisfies Record<ClaimKind, { proves: string; not: string }>,

  raw: {
    heading: '原始证明',
    lead: '不信这个页面？拿走证据，用别的程序再核对一遍。',
    save: '保存证据文件',
    show: '看区块头与签名',
    header: '区块头',
    certificate: '机构签名（证书）',
    genesis: '账本的根',
    command: '在电脑上核对',
    copy: '复制',
    copied: '已复制',
    pinBuild: '账本的根写在这个页面的程序里。',
    pinRemembered: (when: string) =>
      `账本的根由本站在 ${when} 首次告知，本机一直记着；变了会警告。`,
    pinFirst:
      '账本的根由本站刚刚首次告知，本机已记住；以后变了会警告。最好与包装或官方公布的对一对。',
  },

  ...scansZh,

  notice: {
    unknown: {
      heading: '账本里没有这个码',
      body: '码的写法没有错，但没有任何一家机构登记过它。可能是印错、尚未登记，也可能是假的。请勿把它当作真品的凭据。',
    },
    malformed: {
      heading: '这个码读不懂',
      body: '网址里的商品码、批号或序号不合规矩，可能是扫漏了或被改动过。请对准包装重新扫一次。',
    },
    unreachable: {
      heading: '现在连不上服务器',
      body: '没有取到证据，本机也没有保存过这个码的证据，所以什么都不能证实。联网后再试一次。',
    },
    refused: {
      heading: '服务器暂时给不出证据',
      body: '服务器在，但没有给出可核对的证据，所以什么都不能证实。请稍后再试。',
    },
    code: '您扫的码',
    retry: '再试一次',
    home: '看看别的产品',
  },

  break: {
    heading: '证据对不上，请勿采信',
    lead: (which: string) => `断在这一环：${which}。`,
    body: '这不一定是假货，也可能是服务器出错；但在查清之前，网站上关于它的任何说法都不能当真。',
    chain: '核对到哪一步',
    failed: '断在这里',
    technical: '技术细节',
    save: '保存原始证据',
    saveHint: '文件里是服务器给出的原样数据，可交给监管部门或懂行的人。',
  },

  pin: {
    heading: '账本的根变了',
    body: '本机上次记住的账本，和网站现在给出的不是同一本。若非官方公告过换账本，很可能有人冒名。没有核对任何内容。',
    remembered: (when: string) => `本机记住的（${when}）`,
    offered: '网站现在给出的',
    keep: '按记住的核对',
    accept: '官方公告过，改用新的',
  },

  footer: {
    proof: '“已证实”由您的设备独立核对，不依赖本网站。',
    limits:
      '传感器证明的是库房，不是货本身。偷走的钥匙、串通的种植者与包装者、系统启用之前的存货，都不在证明范围之内。这一版里，账本各成员的密钥由同一个程序保管：签名是真的，相互独立还有待实现。',
    zone: (zone: string) => `时间为本机时区 ${zone}。`,
  },

  list: {
    heading: ['从哪来，', '放了多久，', '自己查'] as readonly string[],
    lead: '扫包装上的码，或从这里挑一件看看。签名和哈希都在您的设备上核对，不必相信我们。',
    products: '可查的产品',
    open: '看一包实例',
    noSample: '还没有签发标签',
    lots: (count: number) => (count === 0 ? '还没有批次' : `${count} 个批次在账本上`),
    empty: '账本上还没有产品。',
    failed: '产品清单没取到。',
    retry: '再试一次',
    loading: '正在取产品清单',
    categories: {
      'farm-product': '农产品',
      food: '食品',
      drug: '药品',
      'agricultural-input': '农资',
      'special-equipment': '特种设备',
    } as Record<string, string>,
    regimes: {
      gi: '地理标志产品',
      mark: '证明商标',
      both: '地理标志 · 证明商标',
      none: '',
    } as Record<string, string>,
    how: '怎样才算证实',
    steps: [
      ['传感器签名', '每一组读数由仓里的传感器当场签名，改一个数就对不上。'],
      ['多家记账', '读数的指纹先写进几家独立机构共管的账本，谁也不能事后补写。'],
      ['手机核对', '您的手机取来证据，自己算一遍，再随机抽查十六处。'],
    ] as readonly (readonly [string, string])[],
  },

  status: {
    heading: '运行状况',
    lead: '传感器到账本，此刻走到哪一步。',
    live: '实时',
    polling: '每 5 秒更新',
    lost: '连接断了，正在重试',
    updated: (when: string) => `更新于 ${when}`,
    health: { ok: '各部分正常', bad: '有部分不正常', part: '部分' },
    packs: '数据包',
    equation: '收到的每一个都有去处',
    received: '收到',
    stored: '已入库',
    quarantined: '已隔离',
    duplicate: '重复',
    in_flight: '处理中',
    balances: '两边相等',
    unbalanced: (difference: number) => `差 ${difference}：账不平`,
    batches: '批次锚定',
    open: '正在收集',
    closed: '已封批',
    storedBatches: '已入库',
    anchored: '已写进账本',
    chain: '账本',
    height: '高度',
    blockTime: '最新区块',
    ago: (seconds: number) => (seconds < 1 ? '刚刚' : `${age(seconds * 1000)}前`),
    transactions: '交易',
    mempool: '待记账',
    profile: { guomi: '国密（SM2 · SM3）', international: '国际（Ed25519 · SHA-256）' } as Record<
      string,
      string
    >,
    genesis: '账本的根',
    blocks: '新区块',
    devices: '传感器',
    connected: (live: string, all: string) => `${all} 个，${live} 个连着`,
    device: '编号',
    last: '最近收到',
    reading: '读数时间',
    boot: '启动次数',
    seq: '序号',
    missing: '缺包',
    alarms: '告警',
    noDevices: '还没有传感器上线。',
    noAlarms: '没有告警。',
    noGateway: '这个节点不带网关。',
    alarmKinds: {
      equivocation: '一号两包',
      'identity-abuse': '冒用身份',
      'chain-break': '链条断裂',
      'future-clock': '时钟超前',
      'unknown-device': '未登记的设备',
      'revoked-device': '已注销的设备',
      'bad-signature': '签名无效',
      'quarantine-quota': '坏包过多',
      'anchor-refused': '锚定被拒',
      'store-failed': '入库失败',
      'statement-failed': '月报失败',
    } as Record<string, string>,
    unreachable: '状态没取到，正在重试。',
  },
};
