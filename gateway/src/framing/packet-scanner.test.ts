import { AppError } from '@suyuan/contracts';
import fc from 'fast-check';
import { generate, type Packet } from 'mqtt-packet';
import { describe, expect, it } from 'vitest';
import { PacketScanner } from './packet-scanner.ts';

const LIMITS = { connectSize_bytes: 2048, packetSize_bytes: 17_000, topicSize_bytes: 96 };

const bytesOf = (packet: Packet): Uint8Array => Uint8Array.from(generate(packet));

const CONNECT = bytesOf({
  cmd: 'connect',
  protocolId: 'MQTT',
  protocolVersion: 4,
  clean: true,
  clientId: 'logger-0001',
  username: 'logger-0001',
  password: Buffer.from('token'),
  keepalive: 60,
});

const publishOf = (topic: string, size: number, qos: 0 | 1 | 2 = 1, messageId = 7): Uint8Array =>
  bytesOf({
    cmd: 'publish',
    topic,
    payload: Buffer.alloc(size, 0xff),
    qos,
    messageId,
    dup: false,
    retain: false,
  });

const SESSION = [
  publishOf('suyuan/v1/packs/logger-0001', 2000),
  publishOf('suyuan/v1/packs/logger-0001', 0, 0),
  bytesOf({ cmd: 'pingreq' }),
  bytesOf({ cmd: 'subscribe', messageId: 3, subscriptions: [{ topic: 'a/b', qos: 1 }] }),
  bytesOf({ cmd: 'unsubscribe', messageId: 4, unsubscriptions: ['a/b'] }),
  bytesOf({ cmd: 'puback', messageId: 5 }),
  publishOf('suyuan/v1/packs/logger-0001', 16_384),
  bytesOf({ cmd: 'disconnect' }),
];

function connected(): PacketScanner {
  const scanner = new PacketScanner(LIMITS);
  scanner.scan(CONNECT);
  return scanner;
}

/** The code with which a connected client's bytes are refused, or undefined. */
function refusal(bytes: Uint8Array, scanner = connected()): string | undefined {
  try {
    scanner.scan(bytes);
    return undefined;
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
}

const first = (bytes: Uint8Array): string | undefined => refusal(bytes, new PacketScanner(LIMITS));

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = value;
  return copy;
}

describe('the scanner', () => {
  it('passes a session however it is cut into reads', () => {
    const session = Buffer.concat(SESSION);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3000 }), { maxLength: 60 }), (sizes) => {
        const scanner = connected();
        let at = 0;
        for (const size of [...sizes, session.length]) {
          const chunk = session.subarray(at, at + size);
          expect(scanner.scan(chunk)).toBe(chunk.length);
          at += chunk.length;
        }
      }),
    );
    const scanner = connected();
    for (const byte of session) scanner.scan(Uint8Array.of(byte));
  });

  it('stops behind CONNECT', () => {
    const scanner = new PacketScanner(LIMITS);
    const both = Buffer.concat([CONNECT, SESSION[0] ?? CONNECT]);
    expect(scanner.connectDone).toBe(false);
    expect(scanner.scan(both)).toBe(CONNECT.length);
    expect(scanner.connectDone).toBe(true);
    const split = new PacketScanner(LIMITS);
    for (const byte of CONNECT) split.scan(Uint8Array.of(byte));
    expect(split.connectDone).toBe(true);
  });

  it('refuses a bad packet in whatever pieces it comes', () => {
    const bad = changed(SESSION[0] ?? CONNECT, 5, 0);
    for (let cut = 0; cut <= 40; cut += 1) {
      const scanner = connected();
      expect(() => {
        scanner.scan(bad.subarray(0, cut));
        scanner.scan(bad.subarray(cut));
      }).toThrow(AppError);
    }
  });

  it('throws nothing but its own errors', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, authenticated) => {
        const scanner = authenticated ? connected() : new PacketScanner(LIMITS);
        expect(refusal(bytes, scanner) ?? 'mqtt/').toMatch(/^mqtt\//);
      }),
    );
  });

  const topic = 'suyuan/v1/packs/logger-0001';
  const will = { topic: 'a', payload: Buffer.from('b'), qos: 0 as const, retain: false };
  const connect = {
    cmd: 'connect' as const,
    protocolId: 'MQTT' as const,
    protocolVersion: 4 as const,
  };
  it.each([
    ['no CONNECT first', () => first(SESSION[0] ?? CONNECT), 'mqtt/not-connect'],
    ['a second CONNECT', () => refusal(CONNECT), 'mqtt/not-connect'],
    [
      'five length bytes',
      () => refusal(Uint8Array.of(0x32, 255, 255, 255, 255, 1)),
      'mqtt/bad-length',
    ],
    [
      'a length of 256 MB before authentication',
      () => first(Uint8Array.of(0x10, 255, 255, 255, 127)),
      'mqtt/too-large',
    ],
    [
      'a length of 256 MB after it',
      () => refusal(Uint8Array.of(0x32, 255, 255, 255, 127)),
      'mqtt/too-large',
    ],
    ['a long CONNECT', () => first(Uint8Array.of(0x10, 0x81, 0x10)), 'mqtt/too-large'],
    ['a long SUBSCRIBE', () => refusal(Uint8Array.of(0x82, 0x81, 0x10)), 'mqtt/too-large'],
    ['a large PUBLISH', () => refusal(publishOf(topic, 17_000)), 'mqtt/too-large'],
    ['QoS 2', () => refusal(publishOf(topic, 3, 2)), 'mqtt/bad-qos'],
    ['QoS 3', () => refusal(changed(publishOf(topic, 3), 0, 0x36)), 'mqtt/bad-qos'],
    [
      'packet id 0',
      () => refusal(changed(publishOf(topic, 3), 4 + topic.length + 1, 0)),
      'mqtt/bad-packet-id',
    ],
    ['a NUL in the topic', () => refusal(publishOf('suyuan/\u0000', 3)), 'mqtt/bad-topic'],
    [
      'a topic that is no UTF-8',
      () => refusal(changed(publishOf(topic, 3), 6, 0xff)),
      'mqtt/bad-topic',
    ],
    ['an empty topic', () => refusal(Uint8Array.of(0x32, 4, 0, 0, 0, 1)), 'mqtt/bad-topic'],
    [
      'a wildcard in PUBLISH',
      () => refusal(changed(publishOf(topic, 3), 6, 0x23)),
      'mqtt/bad-topic',
    ],
    ['a long topic', () => refusal(publishOf('t'.repeat(97), 3)), 'mqtt/bad-topic'],
    [
      'a topic beyond the packet',
      () => refusal(Uint8Array.of(0x32, 4, 0, 60, 65, 65)),
      'mqtt/malformed',
    ],
    ['an empty PUBLISH', () => refusal(Uint8Array.of(0x30, 0)), 'mqtt/malformed'],
    ['a SUBSCRIBE without filters', () => refusal(Uint8Array.of(0x82, 2, 0, 1)), 'mqtt/malformed'],
    ['wrong flags', () => refusal(Uint8Array.of(0x80, 2, 0, 1)), 'mqtt/bad-header'],
    ['a packet of the server', () => refusal(Uint8Array.of(0x20, 2, 0, 0)), 'mqtt/bad-header'],
    ['type 15', () => refusal(Uint8Array.of(0xf0, 0)), 'mqtt/bad-header'],
    ['a PINGREQ with a body', () => refusal(Uint8Array.of(0xc0, 1, 0)), 'mqtt/malformed'],
    ['an ack of id 0', () => refusal(Uint8Array.of(0x40, 2, 0, 0)), 'mqtt/bad-packet-id'],
    ['a will', () => first(bytesOf({ ...connect, clientId: 'd', clean: true, will })), 'mqtt/will'],
    [
      'an empty id with clean=0',
      () => first(changed(bytesOf({ ...connect, clientId: '', clean: true }), 9, 0)),
      'mqtt/bad-client-id',
    ],
    [
      'MQTT 5',
      () => first(bytesOf({ ...connect, protocolVersion: 5, clientId: 'd', clean: true })),
      'mqtt/bad-protocol',
    ],
    [
      'the reserved flag',
      () => first(changed(CONNECT, 9, (CONNECT[9] ?? 0) | 1)),
      'mqtt/bad-connect',
    ],
    ['bytes behind the fields', () => first(changed(CONNECT, 13, 1)), 'mqtt/malformed'],
  ])('refuses %s', (_what, run, code) => {
    expect(run()).toBe(code);
  });
});
