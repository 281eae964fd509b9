// `suyuan`: one program for the keeper of a node, of devices and of proofs.

import { Command, CommanderError } from 'commander';
import { addBundleCommands } from './commands/bundle.ts';
import { addDeviceCommands } from './commands/device.ts';
import { addKeyCommands } from './commands/key.ts';
import { addSimCommand } from './commands/sim.ts';
import { addStartCommand } from './commands/start.ts';
import { addTxCommands } from './commands/tx.ts';
import { addVerifyCommand } from './commands/verify.ts';
import { report } from './io.ts';

/** Runs a command line; gives the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = new Command('suyuan')
    .description('溯源: where a product came from, provable on the buyer’s own device')
    .version('0.1.0')
    .exitOverride()
    .showHelpAfterError('(add --help for the options)');
  addStartCommand(program);
  addKeyCommands(program);
  addDeviceCommands(program);
  addTxCommands(program);
  addBundleCommands(program);
  addVerifyCommand(program);
  addSimCommand(program);
  try {
    await program.parseAsync(argv);
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    // Commander has printed its own message, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode;
    return report(error);
  }
}
