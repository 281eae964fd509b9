// What is traded in the demo, under which marks, and where it lies.

import { gln, gtin, names } from './ids.ts';
import { ORCHARDS } from './people.ts';

export const GTIN = {
  mandarins: gtin(10),
  chenpi: gtin(11),
  driedPeel: gtin(12),
  plainFruit: gtin(13),
  plainPeel: gtin(14),
  paddy: gtin(20),
  rice: gtin(21),
  melon: gtin(30),
} as const;

export const GLN = {
  yard: gln(201),
  roomA: gln(202),
  roomB: gln(203),
  jinshunPlant: gln(211),
  paddy: gln(301),
  silo: gln(302),
  otherSilo: gln(303),
  mill: gln(304),
  melonPlot: gln(401),
  melonShed: gln(402),
  truck: gln(501),
  donghu: gln(601),
  yuexiu: gln(602),
} as const;

export const MARK = {
  chenpi: 'xinhui-chenpi',
  rice: 'taishan-rice',
  melon: 'duruan-melon',
} as const;

export const POLICY = {
  mandarins: 'xinhui-mandarins',
  driedPeel: 'xinhui-peel',
  chenpi: 'xinhui-chenpi',
  rice: 'taishan-rice',
  melon: 'duruan-melon',
  plain: 'food-recall',
} as const;

/** The steward of a mark answers for it: who lets plots in, and products under its name. */
export const MARKS = [
  { mark: MARK.chenpi, name: names('新会陈皮', 'Xinhui chenpi'), steward: 'association' },
  { mark: MARK.rice, name: names('台山大米', 'Taishan rice'), steward: 'bureau' },
  { mark: MARK.melon, name: names('杜阮凉瓜', 'Duruan bitter melon'), steward: 'bureau' },
] as const;

const g = { unit: 'g' } as const;
const farm = { category: 'farm-product', ...g } as const;
const food = { category: 'food', ...g } as const;

export const PRODUCTS = [
  {
    by: 'association',
    gtin: GTIN.mandarins,
    name: names('新会柑（茶枝柑鲜果）', 'Xinhui mandarins, fresh'),
    ...farm,
    regime: 'both',
    mark: MARK.chenpi,
    policy: POLICY.mandarins,
    makers: ORCHARDS.map(({ grower }) => grower),
  },
  {
    by: 'association',
    gtin: GTIN.driedPeel,
    name: names('新会柑皮（未陈化）', 'Xinhui mandarin peel, dried'),
    ...farm,
    regime: 'both',
    mark: MARK.chenpi,
    policy: POLICY.driedPeel,
    makers: ['sanjiang-coop', 'jinshun-peel'],
  },
  {
    by: 'association',
    gtin: GTIN.chenpi,
    name: names('新会陈皮 250 克', 'Xinhui chenpi, 250 g'),
    ...food,
    regime: 'both',
    mark: MARK.chenpi,
    policy: POLICY.chenpi,
    makers: ['sanjiang-coop', 'jinshun-peel'],
  },
  {
    by: 'bureau',
    gtin: GTIN.plainFruit,
    name: names('柑果（无地理标志）', 'Mandarins without a mark'),
    ...farm,
    regime: 'none',
    policy: POLICY.plain,
  },
  {
    by: 'bureau',
    gtin: GTIN.plainPeel,
    name: names('工艺柑皮 250 克（无地理标志）', 'Craft peel without a mark, 250 g'),
    ...food,
    regime: 'none',
    policy: POLICY.plain,
  },
  {
    by: 'bureau',
    gtin: GTIN.paddy,
    name: names('台山稻谷', 'Taishan paddy'),
    ...farm,
    regime: 'gi',
    mark: MARK.rice,
    policy: POLICY.rice,
    makers: ['taishan-coop'],
  },
  {
    by: 'bureau',
    gtin: GTIN.rice,
    name: names('台山大米 5 公斤', 'Taishan rice, 5 kg'),
    ...food,
    regime: 'gi',
    mark: MARK.rice,
    policy: POLICY.rice,
    makers: ['taishan-coop'],
  },
  {
    by: 'bureau',
    gtin: GTIN.melon,
    name: names('杜阮凉瓜 1 公斤', 'Duruan bitter melon, 1 kg'),
    ...farm,
    regime: 'mark',
    mark: MARK.melon,
    policy: POLICY.melon,
    listed: true,
    makers: ['duruan-farm'],
  },
] as const;

const sanjiang = names('新会区三江', 'Sanjiang, Xinhui');
const duruan = names('蓬江区杜阮镇', 'Duruan, Pengjiang');
const duhu = names('台山市都斛镇', 'Duhu, Taishan');

const plot = (area_mmu: number) => ({ kind: 'plot', area_mmu }) as const;

/** `by` registers it: the association and the bureau answer for plots, a holder enters his own rooms. */
export const PLACES = [
  ...ORCHARDS.map(({ grower, area_mmu, ...place }) => ({
    by: 'association',
    ...place,
    ...plot(area_mmu),
    holder: grower,
  })),
  {
    by: 'sanjiang-coop',
    gln: GLN.yard,
    kind: 'yard',
    name: names('三江晒场', 'Sanjiang drying yard'),
    township: sanjiang,
    holder: 'sanjiang-coop',
  },
  {
    by: 'sanjiang-coop',
    gln: GLN.roomA,
    kind: 'warehouse',
    name: names('陈化仓 A-1', 'Ageing room A-1'),
    township: sanjiang,
    holder: 'sanjiang-coop',
  },
  {
    by: 'sanjiang-coop',
    gln: GLN.roomB,
    kind: 'warehouse',
    name: names('陈化仓 B-3', 'Ageing room B-3'),
    township: names('新会区会城', 'Huicheng, Xinhui'),
    holder: 'sanjiang-coop',
  },
  {
    by: 'jinshun-peel',
    gln: GLN.jinshunPlant,
    kind: 'plant',
    name: names('金顺加工厂', 'Jinshun plant'),
    township: names('新会区双水', 'Shuangshui, Xinhui'),
    holder: 'jinshun-peel',
  },
  {
    by: 'bureau',
    gln: GLN.paddy,
    ...plot(300_000),
    name: names('都斛稻田', 'Duhu paddy field'),
    township: duhu,
    holder: 'taishan-coop',
  },
  {
    by: 'taishan-coop',
    gln: GLN.silo,
    kind: 'warehouse',
    name: names('都斛二号仓', 'Duhu silo 2'),
    township: duhu,
    holder: 'taishan-coop',
  },
  {
    by: 'taishan-coop',
    gln: GLN.otherSilo,
    kind: 'warehouse',
    name: names('都斛三号仓', 'Duhu silo 3'),
    township: duhu,
    holder: 'taishan-coop',
  },
  {
    by: 'taishan-coop',
    gln: GLN.mill,
    kind: 'plant',
    name: names('台山碾米厂', 'Taishan rice mill'),
    township: names('台山市台城', 'Taicheng, Taishan'),
    holder: 'taishan-coop',
  },
  {
    by: 'bureau',
    gln: GLN.melonPlot,
    ...plot(30_000),
    name: names('杜阮井根瓜田', 'Jinggen melon field'),
    township: duruan,
    holder: 'duruan-farm',
  },
  {
    by: 'duruan-farm',
    gln: GLN.melonShed,
    kind: 'plant',
    name: names('杜阮预冷车间', 'Duruan cooling shed'),
    township: duruan,
    holder: 'duruan-farm',
  },
  {
    by: 'carrier',
    gln: GLN.truck,
    kind: 'vehicle',
    name: names('冷藏车 7 号', 'Chilled truck 7'),
    township: names('蓬江区', 'Pengjiang'),
    holder: 'carrier',
  },
  {
    by: 'donghu-shop',
    gln: GLN.donghu,
    kind: 'shop',
    name: names('东湖市场店', 'Donghu market shop'),
    township: names('蓬江区东湖', 'Donghu, Pengjiang'),
    holder: 'donghu-shop',
  },
  {
    by: 'yuexiu-shop',
    gln: GLN.yuexiu,
    kind: 'shop',
    name: names('越秀老字号店', 'Yuexiu old street shop'),
    township: names('广州市越秀区', 'Yuexiu, Guangzhou'),
    holder: 'yuexiu-shop',
  },
] as const;

/** Plots that carry a mark. */
export const MEMBERSHIPS = [
  ...ORCHARDS.map(({ gln: plotGln }) => ({
    by: 'association',
    gln: plotGln,
    mark: MARK.chenpi as string,
  })),
  { by: 'bureau', gln: GLN.paddy, mark: MARK.rice },
  { by: 'bureau', gln: GLN.melonPlot, mark: MARK.melon },
];
