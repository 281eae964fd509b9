// What makers write for the words of the ledger, beside those words themselves.

export const PLACE_KINDS = {
  plot: ['地块', '果园', '田块', 'orchard', 'field'],
  yard: ['晒场', '场院'],
  warehouse: ['仓库', '库房'],
  plant: ['工厂', '加工厂', 'factory'],
  vehicle: ['车辆', 'truck'],
  shop: ['门店', '店铺'],
  laboratory: ['实验室', '检测机构', 'lab'],
} as const;

export const LOT_ACTIONS = {
  harvest: ['采收', '收获', '采摘'],
  purchase: ['收购', '采购', 'buy'],
  transform: ['加工', '转化', 'process'],
} as const;

export const PROCESSES = {
  peel: ['开皮', '剥皮'],
  dry: ['晒制', '干燥', '晾晒'],
  age: ['陈化', '入库陈化'],
  're-sun': ['翻晒', '返晒'],
  mill: ['碾米', '加工成米'],
  clean: ['清洗', '除杂'],
  grade: ['分级', '分选'],
  mix: ['混合', '拼配'],
  chill: ['预冷', '冷藏'],
  pack: ['包装', '分装'],
} as const;

export const CUSTODY_ACTIONS = {
  ship: ['发货', '发运', '出库', 'send'],
  receive: ['收货', '签收', '入库', 'receipt'],
} as const;
