import { describe, expect, it } from 'vitest';
import { isAppError } from '../errors.ts';
import {
  asArray,
  asBool,
  asBytes,
  asInt,
  asMap,
  asObject,
  asText,
  asUint,
  type Field,
  onlyKeys,
} from './read.ts';
import { Decimal, Sign1 } from './types.ts';

const VALUES: Record<string, Field> = {
  absent: undefined,
  null: null,
  true: true,
  one: 1,
  minus: -1,
  text: 'a',
  bytes: new Uint8Array(2),
  array: [1],
  object: { a: 1 },
  empty: {},
  map: new Map([[1, 2]]),
  decimal: new Decimal(0, 1),
  sign1: new Sign1([]),
};

/** The names of the values that `read` takes; every other must fail with `format/invalid` and the field's name. */
function accepted(read: (value: Field) => unknown): string[] {
  return Object.entries(VALUES).flatMap(([name, value]) => {
    try {
      read(value);
      return [name];
    } catch (error) {
      if (!isAppError(error, 'format/invalid') || !error.message.includes('lot.field')) throw error;
      return [];
    }
  });
}

describe('each reader takes its own kind', () => {
  it.each<[string, (value: Field) => unknown, string[]]>([
    ['asObject', (v) => asObject(v, 'lot.field'), ['object', 'empty']],
    ['asMap', (v) => asMap(v, 'lot.field'), ['empty', 'map']],
    ['asArray', (v) => asArray(v, 'lot.field', 1), ['array']],
    ['asBytes', (v) => asBytes(v, 'lot.field'), ['bytes']],
    ['asUint', (v) => asUint(v, 'lot.field'), ['one']],
    ['asInt', (v) => asInt(v, 'lot.field'), ['one', 'minus']],
    ['asText', (v) => asText(v, 'lot.field', 1), ['text']],
    ['asBool', (v) => asBool(v, 'lot.field'), ['true']],
  ])('%s', (_name, read, names) => {
    expect(accepted(read)).toEqual(names);
  });
});

describe('and within its bounds', () => {
  it.each<[string, () => unknown, boolean]>([
    ['2 items of 2', () => asArray([1, 2], 'x', 2), true],
    ['3 items of 2', () => asArray([1, 2, 3], 'x', 2), false],
    ['1 item of 2 to 2', () => asArray([1], 'x', 2, 2), false],
    ['2 bytes of 2', () => asBytes(new Uint8Array(2), 'x', 2), true],
    ['3 bytes of 2', () => asBytes(new Uint8Array(3), 'x', 2), false],
    ['7 of 7', () => asUint(7, 'x', 7), true],
    ['8 of 7', () => asUint(8, 'x', 7), false],
    ['−7 in −6 … 6', () => asInt(-7, 'x', -6, 6), false],
    ['−6 in −6 … 6', () => asInt(-6, 'x', -6, 6), true],
    ['1.5', () => asUint(1.5, 'x'), false],
    ['2 characters of 2', () => asText('陈皮', 'x', 2), true],
    ['3 characters of 2', () => asText('abc', 'x', 2), false],
    ['known keys', () => onlyKeys({ a: 1 }, ['a', 'b'], 'x'), true],
    ['an unknown key', () => onlyKeys({ a: 1, c: 1 }, ['a', 'b'], 'x'), false],
    ['an inherited name', () => onlyKeys({ toString: 1 }, ['a'], 'x'), false],
  ])('%s', (_name, read, ok) => {
    if (ok) expect(read).not.toThrow();
    else expect(read).toThrow(/^Give x as /);
  });
});
