import { describe, expect, test } from 'vitest';
import { createTerminal, wrap } from './terminal.ts';
import { createToldLogger } from './told-logger.ts';

function screen(isTTY: boolean) {
  let text = '';
  return {
    isTTY,
    write: (part: string) => {
      text += part;
    },
    take: () => {
      const taken = text;
      text = '';
      return taken;
    },
  };
}

describe('the terminal of a node', () => {
  test('in a file: events only, broken within 80 columns', () => {
    const out = screen(false);
    const terminal = createTerminal(out, () => 0);
    terminal.standing('epoch 0');
    terminal.event('word '.repeat(40));
    const lines = out.take().trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    expect(lines[0]).toMatch(/^ {2}\d\d:\d\d:\d\d {2}word/);
  });
  test('on a screen: the line below stays below, and is not written again unchanged', () => {
    const out = screen(true);
    const terminal = createTerminal(out, () => 0);
    terminal.standing('height 1');
    expect(out.take()).toBe('\r\u001b[K  height 1');
    terminal.standing('height 1');
    expect(out.take()).toBe('');
    terminal.say('news');
    expect(out.take()).toBe('\r\u001b[Knews\n  height 1');
    terminal.end();
    terminal.say('over');
    expect(out.take()).toBe('\nover\n');
  });
  test('a word longer than the line keeps one to itself', () => {
    const long = 'x'.repeat(30);
    expect(wrap(`a ${long} b`, 10)).toEqual(['a', long, 'b']);
    expect(wrap('  ', 10)).toEqual([]);
  });
});

test('the log goes on whole; the terminal hears each trouble of a peer once', () => {
  const logged: string[] = [];
  const told: string[] = [];
  const log = (_fields: object, message: string) => void logged.push(message);
  const logger = createToldLogger({ info: log, warn: log, error: log }, (text) => told.push(text));
  const trouble = (code: string, peer = 'bureau') => logger.warn({ code, peer }, code);
  trouble('peer/unreachable');
  trouble('peer/unreachable');
  trouble('peer/closed');
  trouble('peer/unreachable', 'carrier');
  trouble('peer/other-chain');
  logger.info({ code: 'peer/x' }, 'quiet');
  logger.error({}, 'without a code');
  expect(logged).toHaveLength(7);
  expect(told).toEqual([
    'peer/unreachable (peer/unreachable)',
    'peer/unreachable (peer/unreachable)',
    'peer/other-chain (peer/other-chain)',
  ]);
});
