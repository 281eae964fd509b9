import { SENSOR_KINDS } from '@suyuan/firmware-sim';
import { LABEL_PRESETS } from '@suyuan/paper';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../main.ts';
import { LAYOUTS } from './labels.ts';
import { KINDS } from './sim.ts';

function all(command: Command): Command[] {
  return [command, ...command.commands.flatMap(all)];
}

describe('the command line', () => {
  test('the kinds of sensors are those of the simulator', () => {
    expect(KINDS).toEqual(SENSOR_KINDS);
  });
  test('the layouts are those of the printer', () => {
    expect(LAYOUTS).toEqual(Object.keys(LABEL_PRESETS));
  });
  test('every command, argument and option says what it is', () => {
    const commands = all(createProgram());
    expect(commands.length).toBeGreaterThan(10);
    for (const command of commands) {
      expect(command.description(), command.name()).not.toBe('');
      for (const option of command.options)
        expect(option.description, `${command.name()} ${option.flags}`).not.toBe('');
    }
  });
  test('what prints results prints them as JSON too', () => {
    const names = all(createProgram())
      .filter(({ options }) => options.some(({ long }) => long === '--json'))
      .map((command) => command.name());
    expect(names.sort()).toEqual([
      'ack',
      'activate',
      'admit',
      'approve',
      'artifact',
      'capture',
      'check',
      'check',
      'close',
      'close',
      'commit',
      'decide',
      'diff',
      'export',
      'get',
      'issue',
      'leave',
      'list',
      'list',
      'make',
      'new',
      'open',
      'propose-cancel',
      'propose-join',
      'propose-remove',
      'propose-upgrade',
      'quota',
      'refute',
      'report',
      'report-drill',
      'rotate',
      'scope',
      'sheet',
      'show',
      'show',
      'show',
      'sign',
      'sim',
      'status',
      'submit',
      'token',
      'trace',
      'verify',
      'void',
      'withdraw',
    ]);
  });
});
