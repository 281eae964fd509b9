// `suyuan`: one program for the keeper of a node, of devices and of proofs. What a command line may say stands in
// `commands/`; the work is loaded when it is asked for, so that help and errors come at once.

import { Command, CommanderError } from 'commander';
import { addBundleCommands } from './commands/bundle.ts';
import { addCaseCommands } from './commands/case.ts';
import { addConsentCommands } from './commands/consent.ts';
import { addConsortiumCommand } from './commands/consortium.ts';
import { addDeviceCommands } from './commands/device.ts';
import { addEpcisCommands } from './commands/epcis.ts';
import { addExportCommand } from './commands/export.ts';
import { addGenesisCommands } from './commands/genesis.ts';
import { addGovernanceCommands } from './commands/governance.ts';
import { addHouseCommand } from './commands/house.ts';
import { addImportCommands } from './commands/import.ts';
import { addKeyCommands } from './commands/key.ts';
import { addLabelCommands } from './commands/labels.ts';
import { addPositionCommands } from './commands/position.ts';
import { addQuotaCommand } from './commands/quota.ts';
import { addRecallCommands } from './commands/recall.ts';
import { addSimCommand } from './commands/sim.ts';
import { addStartCommand } from './commands/start.ts';
import { addTraceCommand } from './commands/trace.ts';
import { addTxCommands } from './commands/tx.ts';
import { addValidatorCommands } from './commands/validator.ts';
import { addVerifyCommand } from './commands/verify.ts';
import { report, systemCodeOf } from './errors.ts';

/** Runs a command line; gives the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  process.on('uncaughtException', (error) => process.exit(report(error)));
  // Whoever reads our output may leave first, as `head` does.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      if (systemCodeOf(error) !== 'EPIPE') throw error;
    });
  }
  try {
    await createProgram().parseAsync(argv);
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    // Commander has printed its own message, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode;
    return report(error);
  }
}

/** The command line with everything that it may say. */
export function createProgram(): Command {
  const program = new Command('suyuan')
    .description('溯源: where a product came from, provable on the buyer’s own device')
    .version('0.1.0')
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => {
        const line = text
          .replace(/^error: /, '')
          .replace(/\s*\n\s*/g, ' ')
          .trim();
        write(`suyuan: ${line}; --help shows what there is\n`);
      },
    });
  addStartCommand(program);
  addKeyCommands(program);
  addDeviceCommands(program);
  addTxCommands(program);
  addGenesisCommands(program);
  addValidatorCommands(program);
  addHouseCommand(program);
  addGovernanceCommands(program);
  addConsortiumCommand(program);
  addImportCommands(program);
  addBundleCommands(program);
  addVerifyCommand(program);
  addLabelCommands(program);
  addExportCommand(program);
  addEpcisCommands(program);
  addRecallCommands(program);
  addTraceCommand(program);
  addCaseCommands(program);
  addConsentCommands(program);
  addPositionCommands(program);
  addQuotaCommand(program);
  addSimCommand(program);
  return program;
}
