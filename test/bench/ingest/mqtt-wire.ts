// As much of MQTT 3.1.1 as a device needs to publish with QoS 1. Packets are made before the clock starts, so that the load
// costs the machine little.

const CONNECT = 0x10;
const PUBLISH_QOS1 = 0x32;
const CONNACK = 0x20;
const PUBACK = 0x40;
const CLEAN_USER_PASSWORD = 0xc2;
const ACK_BYTES = 4;
const PACKET_IDS = 0xffff;

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function packet(head: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const length: number[] = [];
  let rest = body.length;
  do {
    const more = rest > 127;
    length.push((rest & 127) | (more ? 128 : 0));
    rest >>= 7;
  } while (rest > 0);
  return Buffer.concat([Uint8Array.of(head, ...length), body]);
}

export function connectPacket(deviceId: string, password: string): Buffer {
  const keepAlive_s = [0x02, 0x58];
  const head = [0, 4, 0x4d, 0x51, 0x54, 0x54, 4, CLEAN_USER_PASSWORD, ...keepAlive_s];
  return packet(CONNECT, Uint8Array.from(head), text(deviceId), text(deviceId), text(password));
}

/** `number` counts packets from 0; its packet id comes round after 65,535. */
export function publishPacket(topic: string, number: number, payload: Uint8Array): Buffer {
  const id = Buffer.alloc(2);
  id.writeUInt16BE((number % PACKET_IDS) + 1);
  return packet(PUBLISH_QOS1, text(topic), id, payload);
}

/** Counts the acknowledgements in what a broker sends; both kinds have four bytes. Throws on anything else. */
export class AckReader {
  #held: Buffer = Buffer.alloc(0);

  read(chunk: Buffer): number {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    let at = 0;
    for (; at + ACK_BYTES <= bytes.length; at += ACK_BYTES) {
      const kind = bytes[at];
      const refused = kind === CONNACK && bytes[at + 3] !== 0;
      if ((kind !== CONNACK && kind !== PUBACK) || refused) {
        throw new Error('the broker did not acknowledge');
      }
    }
    this.#held = bytes.subarray(at);
    return at / ACK_BYTES;
  }
}
