// What happened in a run, as one running hash, and the newest of it in words for whoever has to read a failure.

const KEPT = 400;

export interface Trace {
  /** `text` is only called when the run is told at length. */
  note(kind: string, a: number, b: number, text?: () => string): void;
  hash(): string;
  /** The newest lines, oldest first; empty unless the run is told at length. */
  lines(): readonly string[];
}

export function createTrace(now_ms: () => number, atLength: boolean): Trace {
  let low = 0x811c9dc5;
  let high = 0x9e3779b9;
  let lines: string[] = [];

  function mix(value: number): void {
    low = Math.imul(low ^ value, 0x01000193);
    high = Math.imul((high ^ value ^ (low >>> 13)) | 0, 0x85ebca6b);
    high ^= high >>> 15;
  }

  return {
    note(kind, a, b, text) {
      for (let i = 0; i < kind.length; i++) mix(kind.charCodeAt(i));
      mix(now_ms());
      mix(a);
      mix(b);
      if (!atLength) return;
      lines.push(`${now_ms()} ms  ${kind}  ${text?.() ?? `${a} ${b}`}`);
      if (lines.length > 2 * KEPT) lines = lines.slice(-KEPT);
    },
    hash: () =>
      (low >>> 0).toString(16).padStart(8, '0') + (high >>> 0).toString(16).padStart(8, '0'),
    lines: () => lines.slice(-KEPT),
  };
}
