// The parts of a gateway, put together, started and stopped in order.

import { bytesToHex, profileHash } from '@suyuan/contracts';
import { createAlarms } from './alarms.ts';
import { Anchorer, AnchorRefused } from './batch/anchorer.ts';
import { Batcher } from './batch/batcher.ts';
import type { ClosedBatch } from './batch/closed-batch.ts';
import { Drain } from './batch/drain.ts';
import { Worker } from './batch/worker.ts';
import { authenticateDevice } from './broker/authenticate.ts';
import { type Broker, openBroker } from './broker/broker.ts';
import { Turnstile } from './broker/turnstile.ts';
import { PackCounters } from './counters.ts';
import { describeError, gatewayError, stopsGateway } from './errors.ts';
import { openJournal, snapshotPath } from './journal/open-journal.ts';
import { Snapshots } from './journal/snapshots.ts';
import type { GatewayLimits } from './limits.ts';
import type { GatewayOptions, GatewayParts } from './options.ts';
import { createDeviceRegistry } from './pipeline/device-registry.ts';
import { InFlight } from './pipeline/in-flight.ts';
import { Pipeline } from './pipeline/pipeline.ts';
import { Quarantine } from './pipeline/quarantine.ts';
import { createVerifier, type Verifier } from './pipeline/verifier.ts';
import { recoverBook, recoverStore } from './recover.ts';
import { StatementWriter } from './statements/statement-writer.ts';
import { deviceStatus, type GatewayStatus, type GatewaySummary } from './status.ts';
import { createColumnStore } from './store/column-store.ts';
import { QuarantineWriter } from './store/quarantine-writer.ts';

export interface RunningGateway {
  readonly port: number;
  /** Takes nothing more, makes what was taken durable and closes. What is not stored or anchored yet is after the next start. */
  stop(): Promise<void>;
  /** Throws `gateway/stopped` when the gateway does not run, as all below. */
  status(): GatewayStatus;
  /** The status without the devices, which may be many. */
  summary(): GatewaySummary;
  /** Closes the open batch now. */
  closeBatch(): void;
  /** Resolves when every acknowledged pack is stored and anchored. Closes the open batch to that end. */
  drained(): Promise<void>;
  /** Writes the statements that are due now. */
  reconcileStatements(): Promise<void>;
  /** Sends to a connected device on its command topic. */
  command(deviceId: string, payload: Uint8Array): Promise<void>;
}

export async function startGateway(
  options: GatewayOptions,
  limits: GatewayLimits,
  parts: GatewayParts,
): Promise<RunningGateway> {
  const { account, directory } = options;
  const { clock, crypto, ledger, logger, secretKey, random } = parts;
  const { chainId } = ledger;
  const now_ms = () => clock.now_ms();
  const hash = profileHash(crypto, ledger.profile);
  const alarms = createAlarms(now_ms, limits.alarms);
  const counters = new PackCounters();
  const inFlight = new InFlight(limits);
  const drain = new Drain(() => batcher.openPacks === 0 && book.unfinished.length === 0);
  let failure: Error | undefined;
  let stopping = false;
  let broker: Broker | undefined;
  let snapshots: Snapshots | undefined;

  function fail(error: Error): void {
    if (failure !== undefined || stopping) return;
    failure = error;
    logger.fatal({ error: describeError(error) }, 'the gateway stops taking packs');
    inFlight.close(error);
    drain.fail(error);
    void broker?.close();
    parts.onFailure?.(error);
  }

  function writeSnapshot(): void {
    snapshots?.write().catch((error: unknown) => {
      logger.error({ error: describeError(error) }, 'the snapshot was not written');
    });
  }

  const store = createColumnStore(parts.client);
  await store.migrate();
  const opened = await openJournal({
    ...{ directory, account, chainId, hash, limits, logger },
    onFailure: fail,
    onRoll: writeSnapshot,
  });
  const { journal, states, recovered, lock } = opened;
  const recoverParts = { account, hash, store, journal, random, ledger, logger };
  const unsaved = await recoverStore(recoverParts, recovered).catch(async (error: unknown) => {
    await journal.close();
    await lock.release();
    throw error;
  });
  const book = recoverBook(opened, counters);
  counters.receive(recovered.open.length);
  inFlight.recover(recovered.open);

  const registry = createDeviceRegistry(ledger, (id, active) => {
    if (!active) broker?.disconnect(id);
    statements.noteAssigned(id);
  });
  const verifier = createVerifier(crypto, limits.sm2Workers);
  const turnstile = new Turnstile(limits);
  const tokenVerifier: Pick<Verifier, 'verify'> = {
    verify: (...work) => turnstile.pass(() => verifier.verify(...work)),
  };
  const statements = new StatementWriter({
    ...{ account, crypto, chainId, clock, store, registry, alarms },
    secret: secretKey,
    delay_ms: limits.statementDelay_ms,
    perDevice: limits.statementsPerDevice,
  });

  const mayClose = () => book.unanchored < limits.anchorBacklog;
  const batcher = new Batcher(
    {
      ...{ hash, clock, journal },
      batchPacks: limits.batchPacks,
      batchAge_ms: limits.batchAge_ms,
      mayClose,
      onClosed(batch) {
        // A failure of the journal is told by the packs that wait for it.
        batch.durable.catch(() => {});
        book.add(batch);
        storer.wake();
        anchors.wake();
      },
    },
    recovered.nextBatch,
    recovered.open,
  );

  /** Packs wait for room: when nothing else is on its way to the store, the open batch must go. */
  function makeRoom(): void {
    if (book.firstUnstored() === undefined && mayClose()) batcher.close();
  }

  const storer = new Worker<ClosedBatch>({
    clock,
    next: () => (failure === undefined ? book.firstUnstored() : undefined),
    async run(batch) {
      const packs = batch.packs ?? [];
      const number = batch.record.batch;
      await batch.durable;
      await store.insertBatch(account, { batch: number, packs });
      journal.note({ kind: 'stored', batch: number });
      book.markStored(batch);
      counters.store(packs.length);
      inFlight.leavePacks(packs);
      statements.noteStored(packs);
      if (inFlight.waiting > 0) makeRoom();
      drain.progressed();
    },
    onError(error) {
      if (stopsGateway(error)) return false;
      alarms.raise('store-failed', '', describeError(error));
      logger.error({ error: describeError(error) }, 'a batch was not stored; trying again');
      return true;
    },
  });

  const signer = { crypto, account, secret: secretKey, chainId, hash };
  const anchorer = new Anchorer(ledger, signer, journal);
  const anchors = new Worker<ClosedBatch>({
    clock,
    next: () => (failure === undefined ? book.firstUnanchored() : undefined),
    async run(batch) {
      await anchorer.anchor(batch);
      book.markAnchored(batch);
      batcher.poke();
      if (inFlight.waiting > 0) makeRoom();
      drain.progressed();
    },
    onError(error) {
      if (stopsGateway(error)) {
        fail(error);
        return false;
      }
      alarms.raise('anchor-refused', '', describeError(error));
      const level = error instanceof AnchorRefused ? 'error' : 'warn';
      logger[level]({ error: describeError(error) }, 'a batch was not anchored; trying again');
      return true;
    },
  });

  const quarantineWriter = new QuarantineWriter({
    ...{ account, clock, store, journal },
    delay_ms: limits.batchAge_ms,
    backlog: limits.quarantineBacklog,
    onError: (error) => alarms.raise('store-failed', '', describeError(error)),
  });
  for (const { record, at } of unsaved) void quarantineWriter.add(record, at);
  const onKept = quarantineWriter.add.bind(quarantineWriter);
  const quarantine = new Quarantine(
    { journal, alarms, perHour: limits.quarantinePerHour, onKept },
    recovered.quarantineNext,
  );
  const pipeline = new Pipeline({
    ...{ hash, now_ms, registry, states, verifier, batcher, quarantine, inFlight },
    ...{ counters, alarms, onFull: makeRoom },
  });
  snapshots = new Snapshots({
    ...{ journal, states, book, quarantine, quarantineWriter, head: opened.head },
    path: snapshotPath(directory),
  });

  async function closeParts(): Promise<void> {
    stopping = true;
    batcher.stop();
    await statements.stop();
    await quarantineWriter.stop();
    await storer.stop();
    // A ledger that is down never answers; the journal knows what was handed in.
    await anchors.stop(true);
    await verifier.close();
    registry.close();
    try {
      if (failure === undefined) await snapshots?.write();
    } finally {
      await journal.close().catch((error: unknown) => {
        if (failure === undefined) throw error;
      });
      await lock.release();
    }
  }

  try {
    // The directory says whose it is from the first moment on.
    if (!opened.hadSnapshot) await snapshots.write();
    broker = await openBroker({
      ...{ listen: options.listen, limits, now_ms, logger, alarms },
      authenticate: (credentials) =>
        authenticateDevice(
          { crypto, registry, verifier: tokenVerifier, alarms, now_ms },
          credentials,
        ),
      take: (arrival) => pipeline.take(arrival),
    });
  } catch (error) {
    await closeParts();
    throw error;
  }
  const open: Broker = broker;
  statements.start();
  storer.wake();
  anchors.wake();
  quarantineWriter.flush();
  logger.info({ account, port: open.port, batches: recovered.nextBatch }, 'the gateway listens');

  function summary(): GatewaySummary {
    return {
      account,
      failure: failure === undefined ? null : describeError(failure),
      port: open.port,
      connections: open.connections,
      connectedDevices: open.devices,
      packs: counters.counts(),
      quarantine: {
        reasons: quarantine.reasons(),
        countedOnly: quarantine.countedOnly,
        pending: quarantineWriter.pending,
      },
      refusals: open.refusals(),
      batches: {
        open: batcher.openPacks,
        closed: batcher.nextBatch,
        stored: book.stored,
        anchored: book.anchored,
        lastRoot: book.lastRoot === undefined ? '' : bytesToHex(book.lastRoot),
      },
      statements: statements.made,
      alarms: { counts: alarms.counts(), recent: alarms.recent() },
    };
  }

  return {
    port: open.port,
    summary,
    status: () => ({ ...summary(), devices: states.all().map(deviceStatus) }),
    async stop() {
      stopping = true;
      const stopped = gatewayError('gateway/stopped', 'The gateway is stopping.');
      drain.fail(stopped);
      inFlight.close(stopped);
      await open.close();
      // Else packs that wait for it to have room would not come to their end.
      await quarantineWriter.stop();
      await pipeline.idle();
      await closeParts();
    },
    closeBatch() {
      batcher.close();
    },
    async drained() {
      quarantineWriter.flush();
      await drain.drained(() => batcher.close());
    },
    reconcileStatements: () => statements.reconcile(),
    command: (deviceId, payload) => open.command(deviceId, payload),
  };
}
