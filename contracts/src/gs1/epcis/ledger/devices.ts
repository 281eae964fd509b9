// Devices in EPCIS: a sensor is associated with the place that it watches (EPCIS 2.0 §7.4.6).

import { getDevice } from '../../../rules/devices/device.ts';
import { deviceLink, placeLink } from '../ids.ts';
import { type Draft, type Mapping, recorded } from './terms.ts';

function stands(id: string, place: string, time_ms: number, action: 'ADD' | 'DELETE'): Draft {
  return {
    time_ms,
    goods: false,
    fields: {
      type: 'AssociationEvent',
      action,
      bizStep: action === 'ADD' ? 'installing' : 'removing',
      parentID: placeLink(place),
      childEPCs: [deviceLink(id)],
      readPoint: { id: placeLink(place) },
    },
  };
}

const register: Mapping<{
  readonly id: string;
  readonly place?: string;
  readonly from?: number;
}> = (p, tx) => (p.place === undefined ? [] : [stands(p.id, p.place, recorded(tx, p.from), 'ADD')]);

const assign: Mapping<{ readonly id: string; readonly place: string; readonly from?: number }> = (
  p,
  tx,
  state,
) => {
  const from = recorded(tx, p.from);
  const before = getDevice(state, p.id)?.assignments.find(({ to }) => to === from);
  return [
    ...(before === undefined ? [] : [stands(p.id, before.place, from, 'DELETE')]),
    stands(p.id, p.place, from, 'ADD'),
  ];
};

const revoke: Mapping<{ readonly id: string }> = (p, tx, state) => {
  const last = getDevice(state, p.id)?.assignments.at(-1);
  return last === undefined ? [] : [stands(p.id, last.place, tx.time_ms, 'DELETE')];
};

export const DEVICE_MAPPINGS = {
  'devices.register': register,
  'devices.assign': assign,
  'devices.revoke': revoke,
} as const;
