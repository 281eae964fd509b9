import { expect, it } from 'vitest';
import { shownKeys, vouchingDevice } from './shown-keys.ts';

const needed = ['accounts/a', 'accounts/b', 'lots/1', 'open-recalls', 'products/1'];
const D1 = vouchingDevice('D1', 'a', 'c');
const D2 = vouchingDevice('D2', 'd', 'e');

it('shows all that is asked for where there is room', () => {
  expect(shownKeys(needed, [D1, D1, D2])).toEqual({
    keys: [...needed, 'accounts/c', 'accounts/d', 'accounts/e', 'devices/D1', 'devices/D2'].sort(),
    devices: new Set(['D1', 'D2']),
  });
});

it('leaves out devices before names, and names before the records of the verdict', () => {
  expect(shownKeys(needed, [D2, D1], 7)).toEqual({
    keys: [...needed, 'accounts/c', 'devices/D1'].sort(),
    devices: new Set(['D1']),
  });
  expect(shownKeys(needed, [D1], 4).keys).toEqual([
    'accounts/a',
    'lots/1',
    'open-recalls',
    'products/1',
  ]);
  expect(shownKeys(needed, [D1], 3).keys).toEqual(['lots/1', 'open-recalls', 'products/1']);
});

it('never shows half of what vouches', () => {
  const gateway = { keys: ['anchors/g', 'accounts/g'] };
  expect(shownKeys(needed, [gateway], 6).keys).toEqual(needed);
});
