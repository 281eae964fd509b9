// Mistakes as one clear line on standard error.

/** A mistake of the person at the keyboard: printed as one line, exit code 1. */
export class CliError extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode = 1) {
    super(message);
    this.name = 'CliError';
    this.exitCode = exitCode;
  }
}

const REASONS: Record<string, string> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EACCES: 'you may not do that there',
  EPERM: 'you may not do that there',
  EISDIR: 'it is a folder',
  EEXIST: 'it exists already',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EMFILE: 'too many files are open',
  ECONNREFUSED: 'nobody answers there',
  ECONNRESET: 'the connection broke',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name server does not answer',
  ETIMEDOUT: 'it does not answer',
  EADDRNOTAVAIL: 'this machine does not have that address',
};

/** The `E…` code of a failed system call. */
export function systemCodeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' && /^E[A-Z0-9_]+$/.test(error.code)
    ? error.code
    : undefined;
}

/** The short reason of a failed system call, without its stack. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return REASONS[systemCodeOf(error) ?? ''] ?? error.message;
}

/** Prints an error as one line on standard error and gives the exit code. */
export function report(error: unknown): number {
  const { text, exitCode } = describe(error);
  process.stderr.write(`suyuan: ${text}\n`);
  return exitCode;
}

function describe(error: unknown): { text: string; exitCode: number } {
  if (error instanceof CliError) return { text: oneLine(error.message), exitCode: error.exitCode };
  const code = houseCodeOf(error);
  if (code !== undefined) {
    return { text: `${oneLine((error as Error).message)} (${code})`, exitCode: 1 };
  }
  if (systemCodeOf(error) !== undefined) {
    const { path } = error as NodeJS.ErrnoException;
    return { text: `${path === undefined ? '' : `${path}: `}${reasonOf(error)}`, exitCode: 1 };
  }
  // A defect of ours: whoever reports it needs all of it.
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { text, exitCode: 70 };
}

/** Errors of every room carry a code `subject/what`. */
function houseCodeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' && /^[a-z0-9-]+\/[a-z0-9-]+$/.test(error.code)
    ? error.code
    : undefined;
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').trim();
}
