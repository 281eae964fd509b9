import { secretOf } from './test-device.ts';

export const ACCOUNT = 'gateway-1';
export const GATEWAY_SECRET = secretOf('ed25519', 1_000_000);
