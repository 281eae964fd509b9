// Raw sockets against the broker: what the guard must stop never reaches it.

import { connect, type Socket } from 'node:net';
import { nodeCrypto } from '@suyuan/contracts/node';
import { generate } from 'mqtt-packet';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closeTestStore, openTestBed, START_MS, type TestBed } from '../testing/test-bed.ts';
import { TestDevice, temperatures } from '../testing/test-device.ts';
import { until } from '../testing/until.ts';

const CONNACK_OK = Buffer.of(0x20, 2, 0, 0);

describe('the door of the gateway', () => {
  let bed: TestBed;
  let device: TestDevice;
  let sockets: Socket[] = [];
  beforeEach(async () => {
    bed = await openTestBed({ connectBurst: 4, connectDeadline_ms: 50, batchPacks: 4 });
    device = new TestDevice(nodeCrypto, bed.ledger, 'logger-0001', 'ed25519', 1);
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    sockets = [];
    await bed.close();
  });
  afterAll(closeTestStore);

  /** A raw connection that collects what comes back; `closed` resolves when the gateway ends it. */
  function open(): { socket: Socket; received: () => Buffer; closed: Promise<void> } {
    const socket = connect(bed.gateway.port, '127.0.0.1');
    sockets.push(socket);
    let received = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
    });
    socket.on('error', () => {});
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    return { socket, received: () => received, closed };
  }

  const connectPacket = () =>
    generate({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      clientId: device.id,
      username: device.id,
      password: Buffer.from(device.token(START_MS)),
      keepalive: 0,
    });

  const publishPacket = (payload: Uint8Array, messageId: number) =>
    generate({
      cmd: 'publish',
      topic: device.topic,
      payload: Buffer.from(payload),
      qos: 1,
      messageId,
      dup: false,
      retain: false,
    });

  it('takes packs that were sent before the connection was acknowledged', async () => {
    const { socket, received } = open();
    const packs = [1, 2, 3].map((id) => publishPacket(device.pack(temperatures(START_MS)), id));
    const all = Buffer.concat([connectPacket(), ...packs]);
    // In two reads, the cut within the CONNECT's successor.
    socket.write(all.subarray(0, connectPacket().length + 5));
    await until(() => bed.gateway.status().connections === 1);
    socket.write(all.subarray(connectPacket().length + 5));
    await until(() => received().length === 16);
    expect(received().subarray(0, 4)).toEqual(CONNACK_OK);
    expect(bed.gateway.status().packs.received).toBe(3);
  });

  it('closes before it reads what is too large', async () => {
    const before = open();
    before.socket.write(Buffer.of(0x10, 0xff, 0xff, 0xff, 0x7f));
    await before.closed;
    const after = open();
    after.socket.write(connectPacket());
    await until(() => after.received().length === 4);
    after.socket.write(Buffer.of(0x32, 0xff, 0xff, 0xff, 0x7f));
    await after.closed;
    expect(bed.gateway.status().refusals).toEqual({ 'mqtt/too-large': 2 });
    expect(bed.gateway.status().packs.received).toBe(0);
  });

  it('tells a client why its CONNECT is refused, where MQTT has a code', async () => {
    const { socket, received, closed } = open();
    const v5 = { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 5, clientId: 'd' } as const;
    socket.write(generate({ ...v5, clean: true, keepalive: 0 }));
    await closed;
    expect(received()).toEqual(Buffer.of(0x20, 2, 0, 1));
  });

  it('does not wait for a CONNECT for ever', async () => {
    const { socket, closed } = open();
    socket.write(connectPacket().subarray(0, 10));
    await closed;
    await until(() => bed.gateway.status().connections === 0);
  });

  it('tells of an address that tries names as one alarm', async () => {
    const names = ['logger-9001', 'logger-9002', 'logger-9003'];
    for (const id of names) {
      const { socket, closed } = open();
      const packet = { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4 } as const;
      const who = { clientId: id, username: id, password: Buffer.from('x') };
      socket.write(generate({ ...packet, ...who, clean: true, keepalive: 0 }));
      await closed;
    }
    const { refusals, alarms } = bed.gateway.status();
    expect(refusals).toEqual({ 'connect/unknown-device': 3 });
    expect(alarms.counts['unknown-device']).toBe(3);
    expect(alarms.recent).toMatchObject([{ device: 'logger-9001', count: 3 }]);
  });

  it('lets one address connect only so often', async () => {
    const all = Array.from({ length: 6 }, open);
    await Promise.all(all.map(({ closed }) => closed));
    expect(bed.gateway.status().refusals).toMatchObject({ 'connect/too-fast': 2 });
  });
});
