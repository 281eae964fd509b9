import { Aedes, type AedesOptions, type Client, type PublishPacket } from 'aedes';
import { isCommandsTopic } from './topics.ts';

type Done = (error?: Error) => void;

/**
 * Aedes without its fan-out for packs: they have reached their end when `authorizePublish` calls back. Only commands are
 * routed, so no device can make the broker hold what another does not read.
 */
export class PackBroker extends Aedes {
  static async open(options: AedesOptions): Promise<PackBroker> {
    const broker = new PackBroker(options);
    await broker.listen();
    return broker;
  }

  override publish(packet: PublishPacket, client: Client | Done | null, done?: Done): void {
    if (isCommandsTopic(packet.topic)) {
      super.publish(packet, typeof client === 'function' ? client : (done ?? (() => {})));
      return;
    }
    if (typeof client === 'function') client();
    else done?.();
  }
}
