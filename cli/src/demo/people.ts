// Who signs in the demo beside the founders of its ledger.

import type { Role } from '@suyuan/contracts';
import { gln, type Names, names } from './ids.ts';

export interface Person {
  readonly id: string;
  readonly roles: readonly Role[];
  readonly name: Names;
}

interface Orchard {
  readonly grower: string;
  readonly gln: string;
  readonly name: Names;
  readonly township: Names;
  /** Thousandths of a mu. */
  readonly area_mmu: number;
}

/** The eleven townships of the protected origin, and the land reclaimed from the sea. */
const TOWNSHIPS: readonly (readonly [zh: string, en: string, grower: string, area_mmu: number])[] =
  [
    ['会城', 'Huicheng', '阿芬', 14_500],
    ['大泽', 'Daze', '树根', 32_000],
    ['司前', 'Siqian', '玉兰', 18_200],
    ['罗坑', 'Luokeng', '伟强', 27_600],
    ['双水', 'Shuangshui', '锦棠', 41_000],
    ['崖门', 'Yamen', '海生', 36_400],
    ['沙堆', 'Shadui', '丽仪', 22_800],
    ['古井', 'Gujing', '永年', 19_500],
    ['三江', 'Sanjiang', '秀英', 24_000],
    ['睦洲', 'Muzhou', '国良', 30_100],
    ['大鳌', 'Da’ao', '桂香', 16_700],
    ['银洲湖围垦区', 'Yinzhouhu reclamation land', '志远', 58_000],
  ];

export const ORCHARDS: readonly Orchard[] = TOWNSHIPS.map(([zh, en, , area_mmu], i) => ({
  grower: growerOf(en),
  gln: gln(101 + i),
  name: names(`${zh}果园`, `${en} orchard`),
  township: names(`新会区${zh}`, `${en}, Xinhui`),
  area_mmu,
}));

function growerOf(township: string): string {
  const [first = ''] = township.toLowerCase().replace('’', '').split(' ');
  return `grower-${first}`;
}

export function orchardOf(grower: string): Orchard {
  const orchard = ORCHARDS.find((one) => one.grower === grower);
  if (orchard === undefined) throw new Error(`the demo has no ${grower}`);
  return orchard;
}

const GROWERS: readonly Person[] = TOWNSHIPS.map(([zh, en, person]) => ({
  id: growerOf(en),
  roles: ['grower'],
  name: names(`${zh}果农 ${person}（演示）`, `Grower of ${en} (demo)`),
}));

export const PEOPLE: readonly Person[] = [
  ...GROWERS,
  {
    id: 'sanjiang-coop',
    roles: ['processor'],
    name: names('三江陈皮合作社（演示）', 'Sanjiang Chenpi Cooperative (demo)'),
  },
  {
    id: 'jinshun-peel',
    roles: ['processor'],
    name: names('金顺皮业（演示）', 'Jinshun Peel Trading (demo)'),
  },
  {
    id: 'taishan-coop',
    roles: ['grower', 'processor'],
    name: names('台山稻米合作社（演示）', 'Taishan Rice Cooperative (demo)'),
  },
  {
    id: 'duruan-farm',
    roles: ['grower', 'processor'],
    name: names('杜阮凉瓜农场（演示）', 'Duruan Melon Farm (demo)'),
  },
  {
    id: 'jiangmen-lab',
    roles: ['laboratory'],
    name: names('江门农产品检测中心（演示）', 'Jiangmen Produce Laboratory (demo)'),
  },
  {
    id: 'zhujiang-audit',
    roles: ['auditor'],
    name: names('珠江审计（演示）', 'Zhujiang Auditors (demo)'),
  },
  {
    id: 'donghu-shop',
    roles: ['shop'],
    name: names('东湖市场店（演示）', 'Donghu Market Shop (demo)'),
  },
  {
    id: 'yuexiu-shop',
    roles: ['shop'],
    name: names('越秀老字号店（演示）', 'Yuexiu Old Street Shop (demo)'),
  },
];
