// Tables and progress on a terminal, where a Chinese character is two columns wide.

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const NO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/u;
const SHOWN_EVERY_MS = 200;
const WIDTH_MIN = 60;

/** Cells of a file on a terminal: no control character of theirs may steer it. */
export function plainText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');
}

/** Columns that the text takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const char of text) width += NO_WIDTH.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
  return width;
}

export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** Lines of at most `width` columns, broken at blanks, or anywhere between wide characters. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<=\s)|(?<=\p{Script=Han})|(?=\p{Script=Han})/u)) {
    if (line !== '' && widthOf(line + word.trimEnd()) > width) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += word;
  }
  return [...lines, line.trimEnd()];
}

/** Rows under a heading, columns aligned; the last column wraps within `width`. */
export function tableLines(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] {
  const all = [heading, ...rows].map((row) => row.map(plainText));
  const last = heading.length - 1;
  const widths = heading.map((_, i) => Math.max(...all.map((row) => widthOf(row[i] ?? ''))));
  const before = widths.slice(0, last).reduce((sum, own) => sum + own + 2, 0);
  const room = Math.max(24, width - before);
  const rule = widths
    .map((own, i) => '─'.repeat(i === last ? Math.min(own, room) : own))
    .join('  ');
  const lines = all.map((row) => {
    const [first = '', ...more] = wrapped(row[last] ?? '', room);
    const cells = row.slice(0, last).map((cell, i) => `${padded(cell, widths[i] ?? 0)}  `);
    return [cells.join('') + first, ...more.map((line) => ' '.repeat(before) + line)].join('\n');
  });
  return [lines[0] ?? '', rule, ...lines.slice(1)];
}

export function terminalWidth(): number {
  return Math.max(WIDTH_MIN, process.stdout.columns ?? 100);
}

export interface Progress {
  show(what: string, done: number, of: number): void;
  end(): void;
}

/** A bar that is written over on a terminal; nothing where output goes to a file. */
export function createProgress(): Progress {
  if (!process.stderr.isTTY) return { show() {}, end() {} };
  let shown_ms = 0;
  return {
    show(what, done, of) {
      if (done < of && Date.now() - shown_ms < SHOWN_EVERY_MS) return;
      shown_ms = Date.now();
      const share = of === 0 ? 1 : Math.min(1, done / of);
      const full = Math.floor(share * 24);
      const bar = '█'.repeat(full) + '░'.repeat(24 - full);
      process.stderr.write(`\r${padded(what, 18)} ${bar} ${done}/${of}\x1b[K`);
    },
    end() {
      if (shown_ms > 0) process.stderr.write('\r\x1b[K');
    },
  };
}
