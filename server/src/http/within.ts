import { AppError } from '@suyuan/contracts';

/** What `pending` gives, or `http/commit-timeout` with `detail` when the ledger takes longer; `pending` goes on by itself. */
export async function within<T>(
  pending: Promise<T>,
  timeout_ms: number,
  detail: string,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new AppError('http/commit-timeout', detail)), timeout_ms);
  });
  pending.catch(() => undefined);
  try {
    return await Promise.race([pending, late]);
  } finally {
    clearTimeout(timer);
  }
}
