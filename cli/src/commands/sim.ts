import { type Command, Option } from 'commander';
import type { SimCommandOptions } from '../run/sim.ts';

/** As `SENSOR_KINDS` of the simulator, which is loaded only when it runs; a test holds the two together. */
export const KINDS = ['orchard', 'yard', 'warehouse', 'paddy', 'silo', 'truck', 'forced-ageing'];

export function addSimCommand(program: Command): void {
  program
    .command('sim')
    .description('be one or several devices: live, or replaying a logger file')
    .option('--mqtt <url>', 'the gateway', 'mqtt://127.0.0.1:1883')
    .option('--data <directory>', 'journals of the devices; the same again goes on', './sim-data')
    .option('--device <id>', 'one device: its id (default: that of the key file)')
    .option('--key <file>', 'one device: its key file')
    .addOption(
      new Option('--kind <kind>', 'one device: what it measures')
        .choices(KINDS)
        .default('warehouse'),
    )
    .option('--devices <file>', 'several: JSON [{"id","keyFile","kind","replaySensor"}]')
    .option(
      '--replay <file>',
      'logger file (CSV or CSV.gz: site,sensor,time,temperature_C,relative_humidity_pct)',
    )
    .option('--sensor <name>', 'one device: which sensor of the file it plays')
    .option('--rows-per-pack <n>', 'rows under one signature')
    .option('--speed <factor>', 'replay so many times faster, or max (default: max)')
    .option('--interval <seconds>', 'live: seconds between rows (default: 900)')
    .option('--rows <n>', 'live: stop after so many rows of each device')
    .option('--profile <name>', 'of the ledger: guomi or international', 'guomi')
    .option('--json', 'print the report as JSON')
    .action(async (options: SimCommandOptions) => {
      const { simulate } = await import('../run/sim.ts');
      process.exitCode = await simulate(options);
    });
}
