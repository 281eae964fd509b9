// What an empty house says: what it is, and what to do next.

export interface EmptyWords {
  readonly heading: string;
  readonly steps: readonly string[];
  readonly docs: string;
}

export const EMPTY_WORDS: Readonly<Record<'zh' | 'en', EmptyWords>> = {
  zh: {
    heading: '账本上还没有产品。',
    steps: [
      '自己的产品：由协会或主管部门登记组织、地块和产品（suyuan tx submit），收成、标签随后就有。',
      '先看演示：换一个数据目录启动，不加 --empty（suyuan start --data 另一个目录）。',
    ],
    docs: '看接口文档',
  },
  en: {
    heading: 'No products on the ledger yet.',
    steps: [
      'Your own: an association or authority registers organisations, plots and products (suyuan tx submit); harvests and labels follow.',
      'A demo first: start with another data directory and without --empty (suyuan start --data OTHER).',
    ],
    docs: 'Read how the API works',
  },
};
