// What the terminal of a long-running node shows: what changes, a line each with its time; on a screen, one more line below that is
// written over.

export interface Terminal {
  /** Lines as they are, above everything that follows. */
  say(...lines: readonly string[]): void;
  /** Something happened. */
  event(text: string): void;
  /** How it stands now: on a screen only. */
  standing(text: string): void;
  /** The next output begins at the left. */
  end(): void;
}

export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const WIDTH = 80;
const CLEAR = '\r\u001b[K';

export function createTerminal(screen: Screen, now_ms: () => number): Terminal {
  const width = Math.min(screen.columns ?? WIDTH, WIDTH);
  let below = '';
  const lines = (texts: readonly string[]): void => {
    screen.write(
      `${below === '' ? '' : CLEAR}${texts.map((text) => `${text}\n`).join('')}${below}`,
    );
  };
  return {
    say: (...texts) => lines(texts),
    event(text) {
      const time = new Date(now_ms()).toTimeString().slice(0, 8);
      const [first = '', ...rest] = wrap(text, width - 12);
      lines([`  ${time}  ${first}`, ...rest.map((line) => `            ${line}`)]);
    },
    standing(text) {
      if (screen.isTTY !== true) return;
      const cut = `  ${text}`.slice(0, width - 1);
      if (cut === below) return;
      screen.write(`${CLEAR}${cut}`);
      below = cut;
    },
    end() {
      if (below !== '') screen.write('\n');
      below = '';
    },
  };
}

/** Broken at spaces; a longer word keeps its line to itself. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return line === '' ? lines : [...lines, line];
}
