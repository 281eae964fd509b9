// Who is in the demo: three products, their growers, places and devices. Identifiers are of GS1 prefix 952, which is kept for
// demonstrations; names say that they are invented.

import { checkDigit, type SuiteName } from '@suyuan/contracts';
import type { SensorKind } from '@suyuan/firmware-sim';

const PREFIX = '9520000';

function gtin(number: number): string {
  const body = `0${PREFIX}${String(number).padStart(5, '0')}`;
  return `${body}${checkDigit(body)}`;
}

function gln(number: number): string {
  const body = `${PREFIX}${String(number).padStart(5, '0')}`;
  return `${body}${checkDigit(body)}`;
}

export const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;

export const GTIN = {
  mandarins: gtin(10),
  chenpi: gtin(11),
  paddy: gtin(20),
  rice: gtin(21),
  melon: gtin(30),
} as const;

export const GLN = {
  orchard: gln(101),
  yard: gln(102),
  room: gln(103),
  paddy: gln(201),
  silo: gln(202),
  mill: gln(203),
  melonPlot: gln(301),
  truck: gln(302),
} as const;

const names = (zh: string, en: string) => ({ zh, en });

export const PRODUCTS = [
  {
    gtin: GTIN.mandarins,
    makers: ['sanjiang-coop'],
    name: names('新会柑（茶枝柑鲜果）', 'Xinhui mandarins, fresh'),
    category: 'farm-product',
    regime: 'gi',
  },
  {
    gtin: GTIN.chenpi,
    makers: ['sanjiang-coop'],
    name: names('新会陈皮 大红皮 250 克', 'Xinhui chenpi, 250 g'),
    category: 'food',
    regime: 'both',
  },
  {
    gtin: GTIN.paddy,
    makers: ['taishan-coop'],
    name: names('台山稻谷', 'Taishan paddy'),
    category: 'farm-product',
    regime: 'gi',
  },
  {
    gtin: GTIN.rice,
    makers: ['taishan-coop'],
    name: names('台山大米 5 公斤', 'Taishan rice, 5 kg'),
    category: 'food',
    regime: 'gi',
  },
  {
    gtin: GTIN.melon,
    makers: ['duruan-farm'],
    name: names('杜阮凉瓜 1 公斤', 'Duruan bitter melon, 1 kg'),
    category: 'farm-product',
    regime: 'gi',
  },
] as const;

export const PRODUCERS = [
  {
    id: 'sanjiang-coop',
    roles: ['grower', 'processor'],
    name: names('三江陈皮合作社（演示）', 'Sanjiang Chenpi Cooperative (demo)'),
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
] as const;

/** 24 mu: 1,248 kg of peel at 52 kg a mu. */
const ORCHARD_M2 = 16_000;

export const PLACES = [
  {
    gln: GLN.orchard,
    kind: 'plot',
    name: names('三江果园', 'Sanjiang orchard'),
    township: names('新会区三江镇', 'Sanjiang, Xinhui'),
    area_m2: ORCHARD_M2,
    holder: 'sanjiang-coop',
  },
  {
    gln: GLN.yard,
    kind: 'yard',
    name: names('三江晒场', 'Sanjiang drying yard'),
    township: names('新会区三江镇', 'Sanjiang, Xinhui'),
    holder: 'sanjiang-coop',
  },
  {
    gln: GLN.room,
    kind: 'warehouse',
    name: names('陈化仓 B-3', 'Ageing room B-3'),
    township: names('新会区会城', 'Huicheng, Xinhui'),
    holder: 'sanjiang-coop',
  },
  {
    gln: GLN.paddy,
    kind: 'plot',
    name: names('都斛稻田', 'Duhu paddy field'),
    township: names('台山市都斛镇', 'Duhu, Taishan'),
    area_m2: 200_000,
    holder: 'taishan-coop',
  },
  {
    gln: GLN.silo,
    kind: 'warehouse',
    name: names('都斛二号仓', 'Duhu silo 2'),
    township: names('台山市都斛镇', 'Duhu, Taishan'),
    holder: 'taishan-coop',
  },
  {
    gln: GLN.mill,
    kind: 'plant',
    name: names('台山碾米厂', 'Taishan rice mill'),
    township: names('台山市台城', 'Taicheng, Taishan'),
    holder: 'taishan-coop',
  },
  {
    gln: GLN.melonPlot,
    kind: 'plot',
    name: names('杜阮井根瓜田', 'Jinggen melon field'),
    township: names('蓬江区杜阮镇', 'Duruan, Pengjiang'),
    area_m2: 20_000,
    holder: 'duruan-farm',
  },
  {
    gln: GLN.truck,
    kind: 'vehicle',
    name: names('冷藏车 7 号', 'Chilled truck 7'),
    township: names('蓬江区杜阮镇', 'Duruan, Pengjiang'),
    holder: 'duruan-farm',
  },
] as const;

export interface DemoDevice {
  readonly id: string;
  readonly suite: SuiteName;
  readonly kind: SensorKind;
  readonly place: string;
  readonly holder: string;
  readonly interval_s: number;
  readonly rowsPerPack: number;
  /** Days before now in which it reports, `until` unless it goes on live; counted from the end of the season. */
  readonly from_days: number;
  readonly until_days?: number;
  /** Stretches without power, in days before now. */
  readonly outages_days?: readonly (readonly [from: number, to: number])[];
}

/** How far back the season begins: a harvest of last December, aged since. */
export const SEASON_DAYS = 325;

export const STORY_DAYS = {
  harvest: 324,
  dried: 314,
  stored: 312,
  paddyHarvest: 120,
  siloed: 118,
  milled: 9,
  melonHarvest: 1.3,
  loaded: 1.1,
} as const;

/** Both sensors of the room share its mains: when it fails, the room is silent. */
const ROOM_OUTAGES = [
  [204, 201.6],
  [77.5, 77.1],
] as const;

export const DEVICES: readonly DemoDevice[] = [
  {
    id: '9520000-ORCHARD-1',
    suite: 'ed25519',
    kind: 'orchard',
    place: GLN.orchard,
    holder: 'sanjiang-coop',
    interval_s: 10,
    rowsPerPack: 1,
    from_days: 0,
  },
  {
    id: '9520000-YARD-1',
    suite: 'es256',
    kind: 'yard',
    place: GLN.yard,
    holder: 'sanjiang-coop',
    interval_s: 3600,
    rowsPerPack: 4,
    from_days: STORY_DAYS.harvest,
    until_days: STORY_DAYS.stored,
  },
  {
    id: '9520000-ROOM-B3-1',
    suite: 'sm2',
    kind: 'warehouse',
    place: GLN.room,
    holder: 'sanjiang-coop',
    interval_s: 3600,
    rowsPerPack: 4,
    from_days: STORY_DAYS.stored,
    outages_days: ROOM_OUTAGES,
  },
  {
    id: '9520000-ROOM-B3-2',
    suite: 'es256',
    kind: 'warehouse',
    place: GLN.room,
    holder: 'sanjiang-coop',
    interval_s: 3600,
    rowsPerPack: 4,
    from_days: STORY_DAYS.stored,
    outages_days: ROOM_OUTAGES,
  },
  {
    id: '9520000-SILO-2',
    suite: 'sm2',
    kind: 'silo',
    place: GLN.silo,
    holder: 'taishan-coop',
    interval_s: 3600,
    rowsPerPack: 4,
    from_days: STORY_DAYS.siloed,
  },
  {
    id: '9520000-MILL-1',
    suite: 'es256',
    kind: 'warehouse',
    place: GLN.mill,
    holder: 'taishan-coop',
    interval_s: 3600,
    rowsPerPack: 4,
    from_days: STORY_DAYS.milled,
  },
  {
    id: '9520000-TRUCK-7',
    suite: 'sm2',
    kind: 'truck',
    place: GLN.truck,
    holder: 'duruan-farm',
    interval_s: 600,
    rowsPerPack: 6,
    from_days: STORY_DAYS.loaded,
  },
];

export const LOT = {
  mandarins: 'XH-2025-12',
  driedPeel: 'CP-2025-12-D',
  chenpi: 'CP-2025-12-B3',
  paddy: 'TS-2026-07',
  siloPaddy: 'TS-2026-07-S2',
  rice: 'TS-2026-07-M',
  melon: 'DR-2026-11',
  chilledMelon: 'DR-2026-11-T7',
} as const;
