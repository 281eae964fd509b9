// Who a connection is: user name = client id = device id, password = a token signed by the device's registered key.

import {
  AppError,
  base64urlToBytes,
  type CryptoProvider,
  isAppError,
  isDeviceId,
  verifyToken,
} from '@suyuan/contracts';
import type { Alarms } from '../alarms.ts';
import type { DeviceRegistry } from '../pipeline/device-registry.ts';
import { type Verifier, verifyLater } from '../pipeline/verifier.ts';

export interface Credentials {
  readonly clientId: string;
  readonly username: string | undefined;
  readonly password: Uint8Array | undefined;
  /** Where the connection comes from: alarms of one source are told as one. */
  readonly source: string;
}

export interface AuthenticatorParts {
  readonly crypto: CryptoProvider;
  readonly registry: DeviceRegistry;
  /** In line behind packs. */
  readonly verifier: Pick<Verifier, 'verify'>;
  readonly alarms: Alarms;
  readonly now_ms: () => number;
}

/** Returns when the device may connect. Throws an AppError that says why not. */
export async function authenticateDevice(
  parts: AuthenticatorParts,
  { clientId, username, password, source }: Credentials,
): Promise<void> {
  const { crypto, registry, verifier, alarms } = parts;
  if (username !== clientId || !isDeviceId(clientId) || password === undefined) {
    throw new AppError(
      'connect/bad-credentials',
      'Connect with the device id as client id and user name, and a token as password.',
    );
  }
  const device = registry.find(clientId);
  if (device === undefined) {
    const message = `The ledger does not know the device; it came from ${source}.`;
    alarms.raise('unknown-device', clientId, message, source);
    throw new AppError('connect/unknown-device', 'Register the device on the ledger first.');
  }
  assertActive(parts, clientId, source);
  const token = tokenBytes(password);
  const valid = await verifyLater(crypto, verifier, clientId, (check) =>
    verifyToken(check, device.key, token, { deviceId: clientId, now_ms: parts.now_ms() }),
  );
  if (!valid) {
    const message = `A token from ${source} is not signed by the registered key.`;
    alarms.raise('bad-signature', clientId, message, source);
    throw new AppError('token/bad-signature', 'The token is not signed by the registered key.');
  }
  // The ledger may have revoked it while the signature was checked.
  assertActive(parts, clientId, source);
}

function assertActive(
  { registry, alarms }: AuthenticatorParts,
  deviceId: string,
  source: string,
): void {
  if (registry.find(deviceId)?.active === true) return;
  alarms.raise('revoked-device', deviceId, 'A revoked device asked for a connection.', source);
  throw new AppError('connect/revoked-device', 'The device is revoked.');
}

function tokenBytes(password: Uint8Array): Uint8Array {
  let text = '';
  for (const byte of password) text += String.fromCharCode(byte);
  try {
    return base64urlToBytes(text);
  } catch (error) {
    if (!isAppError(error)) throw error;
    throw new AppError('connect/bad-credentials', 'The password is not base64url.', {}, error);
  }
}
