import type { Command } from 'commander';
import type { SignOptions, TokenOptions } from '../run/device.ts';

export function addDeviceCommands(program: Command): void {
  const device = program
    .command('device')
    .description('do what a device does: sign readings, sign in');
  device
    .command('sign')
    .description('sign a SenML document; the bytes of the pack go to standard output')
    .requiredOption('--key <file>', 'key file of the device')
    .requiredOption(
      '--senml <file>',
      'SenML JSON (RFC 8428): bn "ID:", bt, and records with n, u, v',
    )
    .option('--device <id>', 'device id (default: that of the key file, else of bn)')
    .option('--boot <n>', 'boot epoch, larger at every start (default: the time now in seconds)')
    .option('--seq <n>', 'number of the pack within the boot epoch (default: 0)')
    .option('--prev <hex>', 'id of the previous pack, 32 bytes (default: zeros)')
    .option('--out <file>', 'write the pack to a file instead')
    .action(async (options: SignOptions) => {
      const { signPack } = await import('../run/device.ts');
      await signPack(options);
    });
  device
    .command('token')
    .description('print a short-lived password for the MQTT connection of the device')
    .requiredOption('--key <file>', 'key file of the device')
    .option('--device <id>', 'device id (default: that of the key file)')
    .option('--lifetime <seconds>', '1 to 600', '300')
    .option('--json', 'print user name, topic and password as JSON')
    .action(async (options: TokenOptions) => {
      const { printToken } = await import('../run/device.ts');
      await printToken(options);
    });
}
