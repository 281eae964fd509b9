// The disk as this room needs it. Every byte of a log goes through here, so that a simulation can tear, lose or refuse it.

/** One open file. Positions and lengths are in bytes. Errors are the operating system's, with a `code` such as ENOSPC. */
export interface DiskFile {
  size(): Promise<number>;
  /** `length` bytes from `position`; fewer only at the end of the file. */
  read(position: number, length: number): Promise<Uint8Array>;
  /** As `read`, holding the thread: for what must be answered within one turn. */
  readNow(position: number, length: number): Uint8Array;
  /** All of `bytes` at `position`, growing the file. Not durable before `dataSync`. */
  write(position: number, bytes: Uint8Array): Promise<void>;
  /** Makes everything written durable, the file's size included. After a failure what was written is in doubt for ever. */
  dataSync(): Promise<void>;
  /** Cuts the file to `size`; durable on return. */
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}

export interface DiskPort {
  /** Opens for reading and writing. `create` makes an empty file and fails with EEXIST if there is one. */
  open(path: string, mode: 'create' | 'existing'): Promise<DiskFile>;
  /** Makes the directory and its parents; nothing if it is there. Durable on return. */
  makeDirectory(path: string): Promise<void>;
  /** Names in the directory, sorted. */
  list(path: string): Promise<string[]>;
  /** Replaces `to` atomically. Durable only after `syncDirectory`. */
  rename(from: string, to: string): Promise<void>;
  /** Durable only after `syncDirectory`. */
  remove(path: string): Promise<void>;
  /** Makes creations, renames and removals in the directory durable. */
  syncDirectory(path: string): Promise<void>;
}

/** The `code` of an operating system error, or ''. */
export function systemCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}
