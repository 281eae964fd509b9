// MQTT in: connections by device token, packs to the pipeline, acknowledgement when the pipeline says so.

import { isAppError, PACK_SIZE_BYTES_MAX } from '@suyuan/contracts';
import type { AuthErrorCode, AuthenticateError, Client, PublishPacket, Subscription } from 'aedes';
import type { Logger } from 'pino';
import type { Alarms } from '../alarms.ts';
import { describeError, gatewayError } from '../errors.ts';
import { GuardedConnection } from '../framing/guarded-connection.ts';
import type { GatewayLimits } from '../limits.ts';
import type { Arrival } from '../pipeline/pipeline.ts';
import type { Credentials } from './authenticate.ts';
import { type Listener, type ListenOptions, listen } from './listener.ts';
import { PackBroker } from './pack-broker.ts';
import { commandsTopic, packsTopic } from './topics.ts';

const CONNACK_NOT_AUTHORIZED = 5;

export interface BrokerParts {
  readonly listen: ListenOptions;
  readonly limits: GatewayLimits;
  readonly now_ms: () => number;
  readonly logger: Logger;
  readonly alarms: Alarms;
  readonly authenticate: (credentials: Credentials) => Promise<void>;
  /** Resolves when the pack may be acknowledged. */
  readonly take: (arrival: Arrival) => Promise<unknown>;
}

export interface Broker {
  readonly port: number;
  readonly connections: number;
  /** Devices that are connected and authenticated. */
  readonly devices: number;
  /** Refused connections and packets by code. */
  refusals(): Record<string, number>;
  /** Closes the device's connection, if it has one. */
  disconnect(deviceId: string): void;
  /** Sends to the device if it is connected and listens; nothing is kept for later. */
  command(deviceId: string, payload: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export async function openBroker(parts: BrokerParts): Promise<Broker> {
  const { limits, alarms, logger } = parts;
  const clients = new Map<string, Client>();
  const refusals = new Map<string, number>();

  function refused(code: string): void {
    // Codes are our own, so the map is bounded by their catalogue.
    refusals.set(code, (refusals.get(code) ?? 0) + 1);
  }

  function authorizePublish(
    client: Client | null,
    packet: PublishPacket,
    done: (error?: Error | null) => void,
  ): void {
    if (client === null || packet.topic !== packsTopic(client.id)) {
      // Aedes asks without a client only for wills, which are refused at the door.
      alarms.raise('identity-abuse', client?.id ?? '', 'It published to the topic of another.');
      refused('publish/other-topic');
      done(new Error('not your topic'));
      return;
    }
    const bytes = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    const { id: deviceId, conn } = client;
    const connection = conn instanceof GuardedConnection ? conn.address : '';
    parts.take({ deviceId, connection, topic: packet.topic, bytes }).then(
      () => done(null),
      (error: unknown) => {
        if (!isAppError(error, 'gateway/stopped')) {
          logger.error({ device: deviceId, error: describeError(error) }, 'a pack was not taken');
        }
        done(new Error('not taken'));
      },
    );
  }

  const aedes = await PackBroker.open({
    connectTimeout: limits.connectDeadline_ms,
    drainTimeout: limits.drainTimeout_ms,
    preConnect(_client, packet, done) {
      // Nothing is kept for a device that is away, so no session outlives its connection.
      packet.clean = true;
      done(null, true);
    },
    authenticate(client, username, password, done) {
      const source = client.conn instanceof GuardedConnection ? client.conn.source : '';
      parts.authenticate({ clientId: client.id, username, password, source }).then(
        () => done(null, true),
        (error: unknown) => {
          refused(isAppError(error) ? error.code : 'connect/failed');
          if (!isAppError(error)) {
            logger.error({ error: describeError(error) }, 'a token could not be checked');
          }
          done(notAuthorized(), false);
        },
      );
    },
    authorizePublish,
    authorizeSubscribe(client: Client, subscription: Subscription, done) {
      const own = subscription.topic === commandsTopic(client.id);
      if (!own) refused('subscribe/other-topic');
      done(null, own ? subscription : null);
    },
    authorizeForward(client, packet) {
      return packet.topic === commandsTopic(client.id) ? packet : null;
    },
  });
  aedes.on('clientReady', (client) => {
    clients.set(client.id, client);
    if (client.conn instanceof GuardedConnection) client.conn.admit();
  });
  aedes.on('clientDisconnect', (client) => {
    if (clients.get(client.id) === client) clients.delete(client.id);
  });

  const listener: Listener = await listen(parts.listen, {
    limits: {
      ...limits,
      packetSize_bytes: PACK_SIZE_BYTES_MAX + limits.packetOverhead_bytes,
    },
    now_ms: parts.now_ms,
    onConnection: (connection) => aedes.handle(connection),
    onRefused: refused,
  });

  return {
    port: listener.port,
    get connections() {
      return listener.connections;
    },
    get devices() {
      return clients.size;
    },
    refusals: () => Object.fromEntries(refusals),
    disconnect: (deviceId) => clients.get(deviceId)?.close(),
    command: (deviceId, payload) => sendCommand(aedes, deviceId, payload),
    async close() {
      await listener.close();
      await new Promise<void>((resolve) => aedes.close(resolve));
    },
  };
}

function sendCommand(aedes: PackBroker, deviceId: string, payload: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    aedes.publish(
      {
        cmd: 'publish',
        topic: commandsTopic(deviceId),
        payload: Buffer.from(payload),
        qos: 0,
        dup: false,
        retain: false,
      },
      (error) => {
        if (error === undefined || error === null) resolve();
        else reject(gatewayError('gateway/stopped', 'The command was not sent.', {}, error));
      },
    );
  });
}

function notAuthorized(): AuthenticateError {
  // The device learns that it may not connect, not why: the reason is counted here.
  const returnCode = CONNACK_NOT_AUTHORIZED as AuthErrorCode;
  return Object.assign(new Error('not authorized'), { returnCode });
}
