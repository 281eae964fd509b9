const PACKS = 'suyuan/v1/packs/';
const COMMANDS = 'suyuan/v1/commands/';

/** Where a device publishes its packs: the only topic it may publish to. */
export function packsTopic(deviceId: string): string {
  return PACKS + deviceId;
}

/** Where a device listens: the only topic it may subscribe to. */
export function commandsTopic(deviceId: string): string {
  return COMMANDS + deviceId;
}

export function isCommandsTopic(topic: string): boolean {
  return topic.startsWith(COMMANDS);
}
