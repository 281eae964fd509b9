// Why packs were set apart, in words; a reason that is not here is shown by its code.

export interface TroubleWords {
  readonly heading: string;
  readonly countedOnly: (count: string) => string;
  readonly reasons: Readonly<Record<string, string>>;
}

export const TROUBLE_WORDS: Readonly<Record<'zh' | 'en', TroubleWords>> = {
  zh: {
    heading: '隔离的原因',
    countedOnly: (count) => `另有 ${count} 个只计数，未保留`,
    reasons: {
      'pack/bad-signature': '签名无效',
      'pack/other-device': '冒用别的设备',
      'pack/out-of-range': '数值超出物理界限',
      'pack/bad-senml': '内容不合格式',
      'pack/wrong-suite': '签名算法不符',
    },
  },
  en: {
    heading: 'Why they were quarantined',
    countedOnly: (count) => `${count} more were counted and not kept`,
    reasons: {
      'pack/bad-signature': 'bad signature',
      'pack/other-device': 'posing as another device',
      'pack/out-of-range': 'beyond physical limits',
      'pack/bad-senml': 'malformed content',
      'pack/wrong-suite': 'wrong signature suite',
    },
  },
};
