// Accepted transactions of the ledger as EPCIS events. Pure: every node makes the same events with the same ids, whenever it
// makes them.

import { bytesToHex } from '../../encoding/bytes.ts';
import type { CborObject } from '../../encoding/types.ts';
import type { StateReader } from '../../rules/types.ts';
import { readEpcisContext } from './context.ts';
import { eventHash } from './event-hash.ts';
import { CASE_MAPPINGS } from './ledger/cases.ts';
import { CUSTODY_MAPPINGS } from './ledger/custody.ts';
import { DEVICE_MAPPINGS } from './ledger/devices.ts';
import { LABEL_MAPPINGS } from './ledger/labels.ts';
import { LOT_MAPPINGS } from './ledger/lots.ts';
import { type SensorSummary, sensorElement } from './ledger/sensors.ts';
import {
  accountUrn,
  type Draft,
  LEDGER_LD_CONTEXT,
  type LedgerTx,
  type Mapping,
} from './ledger/terms.ts';
import { formatTime } from './time.ts';
import type { EpcisEvent, JsonValue } from './types.ts';

export { SENSOR_PACKS_MAX, type SensorSummary } from './ledger/sensors.ts';
export { type EndedStay, endedStays } from './ledger/stays.ts';
export { LEDGER_LD_CONTEXT, type LedgerTx, SUYUAN_NAMESPACE } from './ledger/terms.ts';

export interface LedgerEpcisOptions {
  /** What sensors said of the goods of a call (`ledgerCalls`). It is part of the events and of their ids. */
  readonly sensorsOf?: (call: LedgerTx, index: number) => readonly SensorSummary[];
}

/** Everything that our events name is read in China. */
const ZONE = '+08:00';
/** Sensor elements of one event. */
export const SENSORS_MAX = 64;

// A payload that its rule accepted has the shape that its mapping expects.
const MAPPINGS: ReadonlyMap<string, Mapping<CborObject>> = new Map(
  Object.entries({
    ...LOT_MAPPINGS,
    ...CUSTODY_MAPPINGS,
    ...LABEL_MAPPINGS,
    ...DEVICE_MAPPINGS,
    ...CASE_MAPPINGS,
  }) as unknown as [string, Mapping<CborObject>][],
);

/** Prefixes of our events. */
export const LEDGER_CONTEXT = readEpcisContext({ '@context': LEDGER_LD_CONTEXT });

interface Call {
  readonly module: string;
  readonly action: string;
  readonly payload: CborObject;
}

/** The calls of an accepted transaction, each as if it stood alone: those of a `batch.run`, else the transaction itself. */
export function ledgerCalls(tx: LedgerTx): readonly LedgerTx[] {
  if (tx.module !== 'batch' || tx.action !== 'run') return [tx];
  const { calls } = tx.payload as unknown as { readonly calls: readonly Call[] };
  return calls.map(({ module, action, payload }) => ({ ...tx, module, action, payload }));
}

/**
 * `entry` keeps two equal doings of one moment apart. It is the signer's idempotency key, not the id of the transaction: that
 * proves the event, and a proof stands beside what it proves.
 */
function complete(
  tx: LedgerTx,
  draft: Draft,
  entry: string,
  sensors: readonly SensorSummary[],
): EpcisEvent {
  const elements = draft.goods ? sensors.slice(0, SENSORS_MAX).map(sensorElement) : [];
  const event = {
    '@context': LEDGER_LD_CONTEXT,
    ...draft.fields,
    eventTime: formatTime(draft.time_ms ?? tx.time_ms),
    eventTimeZoneOffset: ZONE,
    recordTime: formatTime(tx.time_ms),
    ...(elements.length === 0 ? {} : { sensorElementList: elements as unknown as JsonValue }),
    'suyuan:signer': accountUrn(tx, tx.signer),
    'suyuan:entry': entry,
  } as unknown as EpcisEvent;
  return { ...event, eventID: eventHash(event, LEDGER_CONTEXT) };
}

/**
 * The EPCIS events of an accepted transaction (`ok` in its receipt), in the order of their happening; none for actions that move
 * no goods and no device. Each brings its `@context` and has its own hash id as eventID; the transaction's id is not in them.
 * `state` is that after the block or any later one. Throws only for a payload that its rule has not accepted.
 */
export function ledgerEvents(
  tx: LedgerTx,
  state: StateReader,
  options: LedgerEpcisOptions = {},
): EpcisEvent[] {
  const key = bytesToHex(tx.idempotencyKey);
  return ledgerCalls(tx).flatMap((call, i) => {
    const drafts = MAPPINGS.get(`${call.module}.${call.action}`)?.(call.payload, call, state) ?? [];
    const sensors = drafts.length === 0 ? [] : (options.sensorsOf?.(call, i) ?? []);
    return drafts.map((draft, n) => complete(call, draft, `${key}/${i}/${n}`, sensors));
  });
}
