// What all processes said, held against each other: one chain, and in it everything that was acknowledged.

export interface Judge {
  /** A validator has this block as its own. */
  block(validator: string, height: number, hash: string): void;
  /** A validator gave a receipt. */
  receipt(validator: string, txId: string, height: number): void;
  /** From a log read whole: the transactions of the next block. */
  logged(validator: string, height: number, hash: string, txIds: readonly string[]): void;
  /** Blocks that contradict another's at the same height. */
  readonly forks: readonly string[];
  readonly receipts: number;
  readonly height: number;
  heightOf(validator: string): number;
  /** Receipts that are in no block at their height in the log of this validator, and what else its log lacks. */
  missingIn(validator: string): readonly string[];
}

export function createJudge(): Judge {
  const chain = new Map<number, string>();
  const receipts = new Map<string, number>();
  const heights = new Map<string, number>();
  const logs = new Map<string, { height: number; txs: Map<string, number> }>();
  const forks: string[] = [];
  let top = 0;

  function agree(validator: string, height: number, hash: string): void {
    const known = chain.get(height);
    if (known === undefined) chain.set(height, hash);
    else if (known !== hash) {
      forks.push(`${validator} has ${hash} at height ${height}, another has ${known}`);
    }
    top = Math.max(top, height);
  }

  return {
    block(validator, height, hash) {
      agree(validator, height, hash);
      heights.set(validator, Math.max(height, heights.get(validator) ?? 0));
    },
    receipt(validator, txId, height) {
      const before = receipts.get(txId);
      if (before !== undefined && before !== height) {
        forks.push(`${validator} gave ${txId} a receipt at height ${height}, before at ${before}`);
      }
      receipts.set(txId, height);
    },
    logged(validator, height, hash, txIds) {
      agree(validator, height, hash);
      const log = logs.get(validator) ?? { height: 0, txs: new Map<string, number>() };
      logs.set(validator, log);
      if (height !== log.height + 1) forks.push(`the log of ${validator} jumps to ${height}`);
      log.height = height;
      for (const txId of txIds) {
        if (log.txs.has(txId)) forks.push(`${txId} stands twice in the log of ${validator}`);
        log.txs.set(txId, height);
      }
    },
    forks,
    get receipts() {
      return receipts.size;
    },
    get height() {
      return top;
    },
    heightOf: (validator) => heights.get(validator) ?? 0,
    missingIn(validator) {
      const log = logs.get(validator);
      if (log === undefined) return [`no log of ${validator} was read`];
      return [...receipts]
        .filter(([txId, height]) => log.txs.get(txId) !== height)
        .map(([txId, height]) => `${validator} lacks ${txId} of block ${height}`);
    },
  };
}
