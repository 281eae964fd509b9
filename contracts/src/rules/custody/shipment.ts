// The record of a shipment: what one account sent and another received (docs/formats.md §5).

import type { CborObject, CborValue } from '../../encoding/types.ts';
import type { StateReader, StateWrite } from '../types.ts';

/** A lot's whole rest, or with `batch` a whole label batch of it. */
export interface ShipmentItem {
  readonly gtin: string;
  readonly lot: string;
  readonly batch?: string;
  /** In the product's unit; of a label batch its units. */
  readonly amount: number;
  /** What arrived, and why it differs where it does. */
  readonly received?: number;
  readonly reason?: string;
}

export interface Shipment {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** A return goes back to whom the goods came from, even under a recall. */
  readonly kind: 'delivery' | 'return';
  /** GLN where it left, and where it is bound. */
  readonly fromPlace: string;
  readonly toPlace: string;
  /** GLN of the vehicle. */
  readonly via?: string;
  readonly items: readonly ShipmentItem[];
  readonly documents: readonly Uint8Array[];
  readonly status: 'in-transit' | 'received' | 'refused' | 'cancelled';
  readonly shippedAt: number;
  readonly endedAt?: number;
  readonly reason?: string;
  readonly tx: Uint8Array;
}

export function shipmentKey(from: string, id: string): string {
  return `shipments/${from}/${encodeURIComponent(id)}`;
}

/** A value that the rules wrote, as its type: only for values from a certified state. */
export function toShipment(value: CborValue): Shipment {
  return value as unknown as Shipment;
}

export function getShipment(state: StateReader, from: string, id: string): Shipment | undefined {
  const value = state.get(shipmentKey(from, id));
  return value === undefined ? undefined : toShipment(value);
}

export function shipmentWrite(shipment: Shipment): StateWrite {
  return {
    key: shipmentKey(shipment.from, shipment.id),
    value: shipment as unknown as CborObject,
  };
}
