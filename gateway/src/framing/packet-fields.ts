// The fields that the guard reads of each packet, on a view of the received bytes (MQTT 3.1.1 §1.5, §3).

import { mqttError } from './mqtt-error.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const WILDCARDS = /[+#]/;

/** A cursor over the body of one packet. */
export class PacketFields {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  uint8(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw short();
    this.#at += 1;
    return byte;
  }

  uint16(): number {
    return this.uint8() * 256 + this.uint8();
  }

  bytes(): Uint8Array {
    const length = this.uint16();
    if (length > this.left) throw short();
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** UTF-8 without NUL (§1.5.3). */
  text(): string {
    const bytes = this.bytes();
    if (bytes.includes(0)) throw mqttError('mqtt/bad-topic', 'A text has a NUL.');
    try {
      return utf8.decode(bytes);
    } catch {
      throw mqttError('mqtt/bad-topic', 'A text is not UTF-8.');
    }
  }

  packetId(): void {
    if (this.uint16() === 0) throw mqttError('mqtt/bad-packet-id', 'The packet id is 0.');
  }

  end(): void {
    if (this.left !== 0) throw mqttError('mqtt/malformed', 'The packet is longer than its fields.');
  }
}

function short(): Error {
  return mqttError('mqtt/malformed', 'The packet is shorter than its fields.');
}

const FLAG_USERNAME = 0x80;
const FLAG_PASSWORD = 0x40;
const FLAG_WILL = 0x04;
const FLAG_CLEAN = 0x02;
const FLAG_RESERVED = 0x01;
const WILL_BITS = 0x3c;

const LEVEL_3_1_1 = 4;
const CONNACK_BAD_PROTOCOL = 1;
const CONNACK_BAD_CLIENT_ID = 2;
const CONNACK_NOT_AUTHORIZED = 5;

/** §3.1. A will, an old or new protocol and an empty id of a kept session are refused here, with their CONNACK. */
export function checkConnect(body: Uint8Array): void {
  const fields = new PacketFields(body);
  const name = fields.text();
  const level = fields.uint8();
  if (name !== 'MQTT' || level !== LEVEL_3_1_1) {
    throw mqttError('mqtt/bad-protocol', 'Connect with MQTT 3.1.1.', CONNACK_BAD_PROTOCOL);
  }
  const flags = fields.uint8();
  if ((flags & FLAG_RESERVED) !== 0) throw mqttError('mqtt/bad-connect', 'Reserved flag is set.');
  if ((flags & FLAG_PASSWORD) !== 0 && (flags & FLAG_USERNAME) === 0) {
    throw mqttError('mqtt/bad-connect', 'A password without a user name.');
  }
  if ((flags & WILL_BITS) !== 0) {
    const code = (flags & FLAG_WILL) !== 0 ? 'mqtt/will' : 'mqtt/bad-connect';
    throw mqttError(code, 'Connect without a will.', CONNACK_NOT_AUTHORIZED);
  }
  fields.uint16();
  const clientId = fields.text();
  if (clientId === '' && (flags & FLAG_CLEAN) === 0) {
    throw mqttError('mqtt/bad-client-id', 'An empty id needs clean=1.', CONNACK_BAD_CLIENT_ID);
  }
  if ((flags & FLAG_USERNAME) !== 0) fields.text();
  if ((flags & FLAG_PASSWORD) !== 0) fields.bytes();
  fields.end();
}

/** Topic and packet id of a PUBLISH (§3.3); `head` need not hold the payload. */
export function checkPublishHead(head: Uint8Array, qos: number, topicSize_max: number): void {
  // Before the text is read: of a longer topic the head holds only the beginning.
  const tooLong = head.length >= 2 && new PacketFields(head).uint16() > topicSize_max;
  const fields = new PacketFields(head);
  const topic = tooLong ? '' : fields.text();
  if (topic === '' || WILDCARDS.test(topic)) {
    throw mqttError('mqtt/bad-topic', 'The topic is empty, too long or has a wildcard.');
  }
  if (qos > 0) fields.packetId();
}

/** SUBSCRIBE (§3.8), with a QoS after each filter, or UNSUBSCRIBE (§3.10). */
export function checkFilters(body: Uint8Array, withQos: boolean): void {
  const fields = new PacketFields(body);
  fields.packetId();
  if (fields.left === 0) throw mqttError('mqtt/malformed', 'There is no topic filter.');
  while (fields.left > 0) {
    if (fields.text() === '') throw mqttError('mqtt/bad-topic', 'A topic filter is empty.');
    if (withQos && fields.uint8() > 2) throw mqttError('mqtt/bad-qos', 'The QoS is above 2.');
  }
}

/** PUBACK, PUBREC, PUBREL, PUBCOMP (§3.4 to §3.7). */
export function checkAck(body: Uint8Array): void {
  const fields = new PacketFields(body);
  fields.packetId();
  fields.end();
}
