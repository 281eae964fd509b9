import { AppError } from '@suyuan/contracts';

/** Why a connection is closed before its bytes reach the broker. Clauses are those of MQTT 3.1.1. */
export type MqttErrorCode =
  /** The remaining length has more than four bytes (§2.2.3). */
  | 'mqtt/bad-length'
  /** Larger than what may come at this point. */
  | 'mqtt/too-large'
  /** A packet type or flags that a client may not send (§2.2). */
  | 'mqtt/bad-header'
  /** The first packet is not CONNECT, or a second CONNECT came (§3.1). */
  | 'mqtt/not-connect'
  | 'mqtt/bad-connect'
  /** Another protocol level than 4. */
  | 'mqtt/bad-protocol'
  /** Empty client id with clean session 0 (§3.1.3.1). */
  | 'mqtt/bad-client-id'
  /** Wills are not offered. */
  | 'mqtt/will'
  /** Not UTF-8, with NUL, empty, too long, or with wildcards in a PUBLISH (§1.5.3, §4.7). */
  | 'mqtt/bad-topic'
  /** Packet id 0 or missing (§2.3.1). */
  | 'mqtt/bad-packet-id'
  /** QoS 2 or 3. */
  | 'mqtt/bad-qos'
  /** The fields do not fill the packet exactly. */
  | 'mqtt/malformed';

/** `connack` is the return code that the client is told before the connection closes, where MQTT has one. */
export function mqttError(code: MqttErrorCode, message: string, connack = 0): AppError {
  return new AppError(code, message, connack === 0 ? {} : { connack });
}
