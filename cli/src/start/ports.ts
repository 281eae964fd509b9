// Ports are tried before anything is founded or opened: a busy one costs a second, not a ledger.

import { type AddressInfo, createServer } from 'node:net';
import { CliError, reasonOf, systemCodeOf } from '../errors.ts';

/** Throws CliError that names the option to change. */
export async function assertPortFree(host: string, port: number, option: string): Promise<void> {
  await takePort(host, port, option);
}

/** The port, or one that is free for 0: it is free now. Throws CliError that names the option to change. */
export async function takePort(host: string, port: number, option: string): Promise<number> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, resolve);
    });
    return (server.address() as AddressInfo).port;
  } catch (error) {
    throw portError(error, host, port, option);
  } finally {
    // Closing one that never listened only calls back with an error.
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

function portError(error: unknown, host: string, port: number, option: string): unknown {
  switch (systemCodeOf(error)) {
    case 'EADDRINUSE':
      return new CliError(`port ${port} is in use; choose another with ${option} PORT`);
    case 'EACCES':
      return new CliError(
        `port ${port} may not be used by you; choose another with ${option} PORT`,
      );
    case undefined:
      return error;
    default:
      return new CliError(`cannot listen on ${host}: ${reasonOf(error)}; see --host`);
  }
}
