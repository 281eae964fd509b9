// The processes of a consortium as a table that is drawn over itself; in a file, drawn anew when more than a height has changed.

export interface Row {
  readonly name: string;
  readonly pid: number;
  readonly height: number | undefined;
  readonly epoch: number | undefined;
  /** Other nodes that are connected. */
  readonly peers: number | undefined;
  readonly state: string;
}

const HEAD = ['', 'pid', 'height', 'epoch', 'peers', 'state'];
const WIDTHS = [13, 8, 9, 7, 7];
const LINE_MAX = 79;

export function tableLines(rows: readonly Row[]): string[] {
  const cells = rows.map(({ name, pid, height, epoch, peers, state }) => [
    name,
    ...[pid, height, epoch, peers].map((value) => (value === undefined ? '–' : String(value))),
    state,
  ]);
  return [HEAD, ...cells].map((row) =>
    `  ${row.map((cell, i) => cell.padEnd(WIDTHS[i] ?? 0)).join('')}`.trimEnd().slice(0, LINE_MAX),
  );
}

export interface Drawing {
  draw(rows: readonly Row[], notes: readonly string[]): void;
}

export function createDrawing(screen: {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}): Drawing {
  let drawn = 0;
  let told = '';
  return {
    draw(rows, notes) {
      const lines = [...tableLines(rows), ...(notes.length === 0 ? [] : ['', ...notes]), ''];
      if (screen.isTTY === true) {
        const back = drawn === 0 ? '' : `\u001b[${drawn}A\u001b[J`;
        screen.write(`${back}${lines.join('\n')}\n`);
        drawn = lines.length;
        return;
      }
      const news = JSON.stringify([rows.map((row) => ({ ...row, height: 0 })), notes]);
      if (news === told) return;
      told = news;
      screen.write(`${lines.join('\n')}\n`);
    },
  };
}
