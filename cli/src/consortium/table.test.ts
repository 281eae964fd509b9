import { expect, test } from 'vitest';
import { createDrawing, type Row, tableLines } from './table.ts';

const row: Row = { name: 'bureau', pid: 4_194_304, height: 12, epoch: 0, peers: 4, state: 'votes' };

test('stands in columns within 80', () => {
  const ended = { ...row, name: 'association', height: undefined, epoch: undefined };
  const long = { ...row, state: 'no vote: '.repeat(20) };
  const lines = tableLines([row, { ...ended, peers: undefined, state: 'ended' }, long]);
  const at = lines[0]?.indexOf('state') ?? 0;
  expect(lines[1]?.slice(at)).toBe('votes');
  expect(lines[2]?.slice(at)).toBe('ended');
  for (const line of lines) expect(line.length).toBeLessThan(80);
});

test('is drawn over itself on a screen, and in a file only when more than a height is new', () => {
  for (const isTTY of [true, false]) {
    const drawn: string[] = [];
    const drawing = createDrawing({ isTTY, write: (text) => drawn.push(text) });
    drawing.draw([row], []);
    drawing.draw([{ ...row, height: 13 }], []);
    drawing.draw([{ ...row, height: 13, state: 'ended' }], ['  why']);
    expect(drawn).toHaveLength(isTTY ? 3 : 2);
    expect(drawn.at(-1)).toContain('  why');
    if (isTTY) expect(drawn[1]?.startsWith('\u001b[3A\u001b[J')).toBe(true);
  }
});
