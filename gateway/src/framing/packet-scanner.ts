// Follows the packets in a stream of bytes and throws at the first one that may not reach the broker. It keeps at most one
// packet's head; payloads pass by uncopied.

import { mqttError } from './mqtt-error.ts';
import { checkAck, checkConnect, checkFilters, checkPublishHead } from './packet-fields.ts';

export interface ScannerLimits {
  readonly connectSize_bytes: number;
  readonly packetSize_bytes: number;
  readonly topicSize_bytes: number;
}

const TYPE = {
  connect: 1,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  subscribe: 8,
  unsubscribe: 10,
  pingreq: 12,
  disconnect: 14,
} as const;

/** Types that a client sends besides PUBLISH, with the flags they must have (§2.2.2). */
const FLAGS: ReadonlyMap<number, number> = new Map([
  [TYPE.connect, 0],
  [TYPE.puback, 0],
  [TYPE.pubrec, 0],
  [TYPE.pubrel, 2],
  [TYPE.pubcomp, 0],
  [TYPE.subscribe, 2],
  [TYPE.unsubscribe, 2],
  [TYPE.pingreq, 0],
  [TYPE.disconnect, 0],
]);

const ACK_BYTES = 2;
/** Length of a topic before it, packet id after it. */
const PUBLISH_FIXED_BYTES = 4;
const LENGTH_BYTES_MAX = 4;

export class PacketScanner {
  readonly #limits: ScannerLimits;
  #connected = false;
  #connectDone = false;
  /** Of the packet under way: first byte (−1: none), remaining length so far, its bytes so far (−1: it is complete). */
  #first = -1;
  #length = 0;
  #lengthBytes = 0;
  /** Bytes of the body still to come, and how many of its first ones are checked (0: checked already). */
  #left = 0;
  #headSize = 0;
  /** Collects a head that is split over several reads. */
  #head: Uint8Array | undefined;
  #headFilled = 0;

  constructor(limits: ScannerLimits) {
    this.#limits = limits;
  }

  /** True once a whole CONNECT has passed. */
  get connectDone(): boolean {
    return this.#connectDone;
  }

  /**
   * Scans up to the end of `chunk`, or up to the end of a CONNECT, and returns how far it came: nothing after a CONNECT is
   * looked at before the connection is authenticated. Throws `mqtt/*`.
   */
  scan(chunk: Uint8Array): number {
    let at = 0;
    while (at < chunk.length) {
      if (this.#lengthBytes >= 0) {
        at = this.#header(chunk, at);
      } else {
        at = this.#body(chunk, at);
      }
      if (this.#lengthBytes < 0 && this.#left === 0) {
        const wasConnect = this.#first >> 4 === TYPE.connect;
        this.#next();
        if (wasConnect) {
          this.#connectDone = true;
          return at;
        }
      }
    }
    return at;
  }

  #next(): void {
    this.#first = -1;
    this.#length = 0;
    this.#lengthBytes = 0;
    this.#head = undefined;
    this.#headFilled = 0;
  }

  #header(chunk: Uint8Array, from: number): number {
    let at = from;
    if (this.#first < 0) {
      this.#first = chunk[at] ?? 0;
      at += 1;
      this.#checkType();
    }
    while (at < chunk.length) {
      const byte = chunk[at] ?? 0;
      at += 1;
      this.#length += (byte & 0x7f) * 128 ** this.#lengthBytes;
      this.#lengthBytes += 1;
      if ((byte & 0x80) === 0) {
        this.#lengthBytes = -1;
        this.#startBody();
        return at;
      }
      if (this.#lengthBytes === LENGTH_BYTES_MAX) {
        throw mqttError('mqtt/bad-length', 'The remaining length has more than four bytes.');
      }
    }
    return at;
  }

  #checkType(): void {
    const type = this.#first >> 4;
    const flags = this.#first & 0x0f;
    if (this.#connected === (type === TYPE.connect)) {
      throw mqttError('mqtt/not-connect', 'The first packet, and only it, must be CONNECT.');
    }
    this.#connected = true;
    if (type === TYPE.publish) {
      // QoS 2 keeps state for each message on both sides; our packs are recognised by their id instead.
      if ((flags & 0x06) > 2) throw mqttError('mqtt/bad-qos', 'Publish with QoS 0 or 1.');
    } else if (FLAGS.get(type) !== flags) {
      throw mqttError('mqtt/bad-header', 'The packet type or its flags are wrong.');
    }
  }

  #startBody(): void {
    const type = this.#first >> 4;
    const { connectSize_bytes, packetSize_bytes, topicSize_bytes } = this.#limits;
    const max = type === TYPE.publish ? packetSize_bytes : connectSize_bytes;
    if (this.#length > max) {
      throw mqttError('mqtt/too-large', `The packet is larger than ${max} bytes.`);
    }
    this.#left = this.#length;
    this.#headSize =
      type === TYPE.publish
        ? Math.min(this.#length, topicSize_bytes + PUBLISH_FIXED_BYTES)
        : this.#length;
    if (this.#length === 0) this.#check(new Uint8Array(0));
  }

  #body(chunk: Uint8Array, from: number): number {
    const end = Math.min(chunk.length, from + this.#left);
    this.#left -= end - from;
    if (this.#headSize > 0) {
      if (this.#head === undefined && end - from >= this.#headSize) {
        this.#check(chunk.subarray(from, from + this.#headSize));
      } else {
        this.#collect(chunk.subarray(from, end));
      }
    }
    return end;
  }

  #collect(part: Uint8Array): void {
    this.#head ??= new Uint8Array(this.#headSize);
    const wanted = part.subarray(0, this.#headSize - this.#headFilled);
    this.#head.set(wanted, this.#headFilled);
    this.#headFilled += wanted.length;
    if (this.#headFilled === this.#headSize) this.#check(this.#head);
  }

  #check(head: Uint8Array): void {
    this.#headSize = 0;
    this.#head = undefined;
    const type = this.#first >> 4;
    if (type === TYPE.publish) {
      checkPublishHead(head, (this.#first >> 1) & 3, this.#limits.topicSize_bytes);
    } else if (type === TYPE.connect) {
      checkConnect(head);
    } else if (type === TYPE.subscribe || type === TYPE.unsubscribe) {
      checkFilters(head, type === TYPE.subscribe);
    } else if (type === TYPE.pingreq || type === TYPE.disconnect) {
      if (this.#length !== 0) throw mqttError('mqtt/malformed', 'The packet has a body.');
    } else {
      if (this.#length !== ACK_BYTES) throw mqttError('mqtt/malformed', 'An ack has two bytes.');
      checkAck(head);
    }
  }
}
