import { expect, test } from 'vitest';
import { artFor } from './art-for.ts';

test.each([
  ['新会陈皮', 'Xinhui chenpi', 'food', 'peel'],
  ['新会柑皮（未陈化）', 'Xinhui mandarin peel, dried', 'farm-product', 'peel'],
  ['新会柑（茶枝柑鲜果）', 'Xinhui mandarins, fresh', 'farm-product', 'fruit'],
  ['台山稻谷', 'Taishan paddy', 'farm-product', 'paddy'],
  ['台山大米', 'Taishan rice', 'food', 'rice'],
  ['杜阮凉瓜', 'Duruan bitter melon', 'farm-product', 'melon'],
  ['柑苗有机肥', 'Orchard feed', 'agricultural-input', 'parcel'],
  ['某物', 'Something', 'food', 'parcel'],
])('%s', (zh, en, category, art) => {
  expect(artFor({ zh, en }, category)).toBe(art);
});
