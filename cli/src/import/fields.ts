// The columns of each import, and what makers call them. The first names are those that messages use.

import type { Field } from '@suyuan/paper';

const field = (
  key: string,
  zh: readonly string[],
  en: readonly string[],
  required = false,
): Field => ({ key, zh, en, required });

const time = field(
  'time',
  ['时间', '日期', '采收日期', '采收时间', '操作时间', '发货时间', '收货时间', '加工日期'],
  ['Time', 'Date', 'Date time', 'Harvest date'],
);
const amount = (required: boolean) =>
  field(
    'amount',
    ['数量', '重量', '净重', '净含量', '产量', '实收数量'],
    ['Amount', 'Quantity', 'Weight', 'Net weight', 'Mass', 'Qty'],
    required,
  );
const unit = field('unit', ['单位', '计量单位'], ['Unit', 'Units', 'UoM']);
const gtin = field(
  'gtin',
  ['商品条码', '产品条码', '条码', '产品编码', '产品'],
  ['GTIN', 'Product', 'Product code', 'Barcode'],
  true,
);
const lot = field(
  'lot',
  ['批次号', '批号', '批次'],
  ['Lot', 'Lot number', 'Batch number', 'Lot no'],
  true,
);
const action = field('action', ['操作', '类型', '环节', '业务'], ['Action', 'Type', 'Event'], true);

export const PLOT_FIELDS: readonly Field[] = [
  field(
    'gln',
    ['地块编码', '位置码', '地块编号', '编码'],
    ['GLN', 'Location number', 'Plot code'],
    true,
  ),
  field('kind', ['类型', '场所类型'], ['Kind', 'Type', 'Place type']),
  field(
    'name_zh',
    ['名称', '地块名称', '中文名', '地块', '场所名称'],
    ['Name', 'Plot name', 'Chinese name'],
    true,
  ),
  field('name_en', ['英文名', '英文名称'], ['English name', 'Name English', 'Name en']),
  field('township_zh', ['乡镇', '镇', '所在镇', '镇街', '所在乡镇'], ['Township', 'Town'], true),
  field(
    'township_en',
    ['乡镇英文', '英文乡镇'],
    ['English township', 'Township English', 'Township en'],
  ),
  field('area_mu', ['面积', '亩数', '面积亩'], ['Area', 'Mu', 'Area mu']),
  field(
    'holder',
    ['持有人', '种植户', '农户', '户主账户', '账户'],
    ['Holder', 'Grower', 'Account'],
  ),
];

export const LOT_FIELDS: readonly Field[] = [
  action,
  gtin,
  lot,
  amount(true),
  unit,
  field(
    'place',
    ['地点', '位置码', '场所', '采收地块', '入库地点'],
    ['Place', 'GLN', 'Location'],
    true,
  ),
  time,
  field('season', ['季', '产季', '年份', '年度'], ['Season', 'Year']),
  field('note', ['备注', '说明'], ['Note', 'Remark', 'Remarks', 'Comment']),
  field(
    'claimedAge_months',
    ['陈化月数', '标称月数'],
    ['Claimed age', 'Claimed age months', 'Age months'],
  ),
  field('grower', ['种植户', '农户', '供应户'], ['Grower', 'Seller']),
  field('plot', ['地块', '来源地块'], ['Plot', 'Origin plot']),
  field('consent', ['同意书', '农户同意书'], ['Consent']),
  field('process', ['工序', '加工方式', '工艺'], ['Process', 'Step']),
  field('input_gtin', ['原料条码', '投入产品', '原料产品'], ['Input product', 'Input GTIN']),
  field('input_lot', ['原料批次', '投入批次', '原料批号'], ['Input lot', 'Input lots']),
  field(
    'input_amount',
    ['原料数量', '投入数量', '投料量', '原料重量'],
    ['Input amount', 'Input weight', 'Input quantity'],
  ),
  field('input_unit', ['原料单位', '投入单位'], ['Input unit']),
];

export const CUSTODY_FIELDS: readonly Field[] = [
  action,
  field(
    'shipment',
    ['发货单号', '运单号', '单号', '送货单号'],
    ['Shipment', 'Shipment number', 'Delivery note', 'Waybill'],
    true,
  ),
  field('from', ['发货方', '发货人', '供货方'], ['From', 'Sender', 'Shipper']),
  field('to', ['收货方', '收货人', '客户'], ['To', 'Receiver', 'Consignee']),
  field('place', ['收货地点', '目的地', '到货地点'], ['Place', 'Destination', 'GLN', 'To place']),
  field('via', ['车辆', '运输车辆', '承运车辆'], ['Via', 'Vehicle', 'Truck']),
  gtin,
  lot,
  field('batch', ['标签批次', '标签批'], ['Label batch', 'Labels']),
  amount(true),
  unit,
  field('reason', ['差异原因', '原因'], ['Reason', 'Difference', 'Reason for difference']),
  field(
    'documents',
    ['文件', '合格证', '随货文件'],
    ['Documents', 'Certificate', 'Document hashes'],
  ),
  time,
];
