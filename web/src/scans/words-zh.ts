// Words about scans and codes. A count of scans is the site's word; that a code was revealed is the ledger's.

import type { ScanReason, ScanSignal } from '@suyuan/contracts/verify';
import type { RevealResult } from './answer.ts';

type Standing = 'none' | 'sealed' | 'revealed' | 'mine' | 'unknown';

interface Said {
  readonly heading: string;
  readonly body: (when: string, height: string) => string;
}

export const scansZh = {
  scans: {
    heading: '这一包被扫过几次',
    see: '看扫码记录',
    signal: {
      none: '还没有别人扫过',
      few: '别人也扫过，这很平常',
      unusual: '扫过它的人比一般的一包多',
      'strong-sign': '这个码很可能被复制过',
      'copy-proven': '同一个刮码，有人再次出示',
    } satisfies Record<ScanSignal, string> as Record<ScanSignal, string>,
    lead: {
      none: '第一次扫不等于真货：复制的标签也有第一次。',
      few: '店员、家人、前一位顾客都可能扫过。再次被扫不说明它是假的。',
      unusual:
        '可能摆在柜台上给人看过，也可能有人复制了标签。买之前看看封口是否完好，问问卖家货从哪里来。',
      'strong-sign':
        '一包货很难被这么多人、在这么多地方扫到。这是很强的迹象，还不是证据：您手里这一包也可能正是真的那包。封口动过、来路不明，就不要买。',
      'copy-proven':
        '这个码第一次出示以后，又有人拿它来过。可能是同一家人，可能是复制的标签，也可能有人从公开的账本里抄了去。如果您刚刚才刮开完好的涂层，却说它早就用过，那么两包之中必有一包是复制的。',
    } satisfies Record<ScanSignal, string> as Record<ScanSignal, string>,
    figures: { scans: '扫码次数', visitors: '人次', areas: '地方', since: '首次扫码' },
    reasons: {
      'revealed-again': (count: string) => `刮开以后，正确的码又被出示 ${count} 次`,
      'many-visitors': (count: string) => `先后有 ${count} 人次扫过`,
      'many-in-one-day': (count: string) => `最多的一天有 ${count} 人次`,
      'many-areas': (count: string) => `来自 ${count} 个地方`,
      'areas-chosen': (count: string) => `其中 ${count} 个地方是扫码的人自己填的，没有核对过`,
      'scanned-before': (count: string) => `到现在共 ${count} 人次`,
      'revealed-once': (_count: string) => '刮码已刮开一次；是谁刮的，账本不记',
    } satisfies Record<ScanReason['kind'], (count: string) => string> as Record<
      ScanReason['kind'],
      (count: string) => string
    >,
    barsLabel: (from: string, to: string, most: string) =>
      `${from} 到 ${to} 每天的扫码次数，最多的一天 ${most} 次`,
    bar: (day: string, count: string) => `${day}：${count} 次`,
    note: '次数由本网站统计，您的手机无法核对。同一台手机一天只算一人次，隔天再来另算；地方只记到乡镇或城市，不存网络地址和位置。',
  },

  reveal: {
    heading: '涂层下的刮码',
    standing: {
      none: () => '没有刮码',
      sealed: () => '账本证实：这个码还没有人出示过',
      revealed: (when: string) => `账本证实：${when} 已有人出示过`,
      mine: (when: string) => `${when}，由这台设备出示`,
      unknown: () => '不知道有没有人出示过',
    } satisfies Record<Standing, (when: string) => string> as Record<
      Standing,
      (when: string) => string
    >,
    lead: {
      none: '这批标签没有刮码。',
      sealed:
        '买下之后，刮开涂层，把码输进来。它只能用一次：记入账本以后，谁再拿同一个码来，都会看到它用过了。涂层如果已经破了，就不要买。',
      revealed:
        '如果不是您或家人出示的，这一包或那一包是复制的。您手里的涂层刚刚才刮开？输入码核对一下。',
      mine: '账本上的那一次就是您。以后谁再出示这个码，都会看到它用过了。',
      unknown: '服务器没有给出这方面的证据。仍然可以输入码核对。',
    } satisfies Record<Standing, string> as Record<Standing, string>,
    label: '刮开后看到的码',
    hint: '大小写不分；O 当作 0，I 和 L 当作 1；空格会自动加上。',
    lacking: (count: number) => `至少还差 ${count} 位`,
    submit: '核对并记入账本',
    sending: '正在记入账本…',
    offline: '现在连不上服务器，不能核对刮码。码没有用掉。',
    reload: '让本机再去账本核对',
    result: {
      first: {
        heading: '码是真的，您是第一个出示的人',
        body: (when: string, height: string) =>
          `已写进账本第 ${height} 块，${when}。它说明在您之前没有人出示过这个码；里面的货有没有换过，还要看封口。`,
      },
      same: {
        heading: '码是真的，刚才已经记下',
        body: (when: string) => `${when} 由您出示。同一台设备一小时内再输一遍，不另算。`,
      },
      again: {
        heading: '码是对的，但早就用过了',
        body: (when: string) =>
          `${when} 已经有人出示过同一个码。如果不是您或家人，两包之中有一包是复制的。请留好包装和购买凭据，找卖家和市场监管部门。`,
      },
      wrong: {
        heading: '不是这一包的码',
        body: () => '对着涂层再输一遍。输错不会用掉真码；确实对不上，标签可能是假的。',
      },
      'too-many': {
        heading: '输错太多次了',
        body: () => '请过一刻钟再试。真码不会因此作废。',
      },
      'not-packed': {
        heading: '这个标签还没有登记贴上包装',
        body: () => '码是对的，也没有用掉。如果它已经贴在包装上，这一包来历不明。',
      },
      void: {
        heading: '这个标签已经作废',
        body: () => '码是对的，但签发者已将标签作废。如果它贴在包装上，这一包来历不明。',
      },
      unavailable: {
        heading: '现在不能核对刮码',
        body: () => '这个网站暂时不能把码记入账本。码没有用掉，请过一会儿再试。',
      },
      late: {
        heading: '没有等到回音',
        body: () =>
          '码可能已经记入账本，也可能没有。过一会儿在这台设备上再试一次；一小时之内不会算成第二次。',
      },
    } satisfies Record<RevealResult['kind'], Said> as Record<RevealResult['kind'], Said>,
  },
};
