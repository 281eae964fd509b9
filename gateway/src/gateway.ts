// The gateway: parts put together, started and stopped in order.

import { type AppError, bytesToHex, profileHash } from '@suyuan/contracts';
import type { Registry } from 'prom-client';
import { type Alarms, createAlarms } from './alarms.ts';
import { Anchorer, AnchorRefused, anchoredOnLedger } from './batch/anchorer.ts';
import { BatchBook } from './batch/batch-book.ts';
import { Batcher } from './batch/batcher.ts';
import type { ClosedBatch } from './batch/closed-batch.ts';
import { Worker } from './batch/worker.ts';
import { authenticateDevice } from './broker/authenticate.ts';
import { type Broker, openBroker } from './broker/broker.ts';
import { PackCounters } from './counters.ts';
import { describeError, gatewayError } from './errors.ts';
import { type OpenedJournal, openJournal, snapshotPath } from './journal/open-journal.ts';
import type { Recovered, RecoveredBatch } from './journal/recovery.ts';
import { Snapshots } from './journal/snapshots.ts';
import { type GatewayLimits, resolveLimits } from './limits.ts';
import { createMetrics } from './metrics.ts';
import type { GatewayOptions, GatewayParts } from './options.ts';
import { acceptedFromJournal } from './pipeline/accepted-pack.ts';
import { createDeviceRegistry } from './pipeline/device-registry.ts';
import type { DeviceState } from './pipeline/device-state.ts';
import { InFlight } from './pipeline/in-flight.ts';
import { Pipeline } from './pipeline/pipeline.ts';
import { Quarantine } from './pipeline/quarantine.ts';
import { createVerifier } from './pipeline/verifier.ts';
import { StatementWriter } from './statements/statement-writer.ts';
import type { DeviceStatus, GatewayStatus } from './status.ts';
import { createColumnStore } from './store/column-store.ts';
import { QuarantineWriter } from './store/quarantine-writer.ts';
import { missingQuarantine, type RepairParts, repairBatches } from './store/repair.ts';

export interface Gateway {
  /** Opens the journal, brings the store up to it, listens. Throws one AppError or `durable/*` error that says what to do. */
  start(): Promise<void>;
  /** Takes nothing more, makes what was taken durable and closes. What is not stored or anchored yet is after the next start. */
  stop(): Promise<void>;
  status(): GatewayStatus;
  /** Closes the open batch now. */
  closeBatch(): void;
  /** Resolves when every acknowledged pack is stored and anchored. Closes the open batch to that end. */
  drained(): Promise<void>;
  /** Writes the statements that are due now. */
  reconcileStatements(): Promise<void>;
  /** Sends to a connected device on its command topic. */
  command(deviceId: string, payload: Uint8Array): Promise<void>;
  readonly metrics: Registry;
  /** Where it listens; 0 before `start`. */
  readonly port: number;
}

export function createGateway(options: GatewayOptions, parts: GatewayParts): Gateway {
  const limits = resolveLimits(options.limits);
  let running: Running | undefined;
  const get = (): Running => {
    if (running === undefined) {
      throw gatewayError('gateway/stopped', 'The gateway does not run; call start() first.');
    }
    return running;
  };
  return {
    async start() {
      if (running !== undefined) {
        throw gatewayError('gateway/bad-options', 'The gateway runs already.');
      }
      running = await startGateway(options, limits, parts);
    },
    async stop() {
      const was = running;
      running = undefined;
      await was?.stop();
    },
    status: () => get().status(),
    closeBatch: () => get().closeBatch(),
    drained: () => get().drained(),
    reconcileStatements: () => get().reconcileStatements(),
    command: (deviceId, payload) => get().command(deviceId, payload),
    metrics: createMetrics(() => get().status()),
    get port() {
      return running?.port ?? 0;
    },
  };
}

type Running = Omit<Gateway, 'start' | 'metrics'>;

/** Batches before the first one that the journal still holds were finished. */
function finishedBefore(opened: OpenedJournal): number {
  return opened.head.retainedFrom?.batch ?? 0;
}

function assertSameAnchors(account: string, onLedger: number, recovered: Recovered): void {
  const { batches, nextBatch } = recovered;
  const firstOpen = batches.find((batch) => !batch.anchored)?.record.batch ?? nextBatch;
  if (onLedger > nextBatch) {
    throw gatewayError(
      'gateway/forked-anchors',
      `The ledger holds ${onLedger} batches of ${account} and this journal has closed ${nextBatch}. Put back the journal that made them, or register a new gateway account.`,
      { onLedger, closed: nextBatch },
    );
  }
  if (onLedger < firstOpen) {
    throw gatewayError(
      'gateway/ledger-behind',
      `The ledger holds ${onLedger} batches of ${account}, the journal knows of ${firstOpen}. Start with the ledger that has them.`,
      { onLedger, anchored: firstOpen },
    );
  }
}

async function startGateway(
  options: GatewayOptions,
  limits: GatewayLimits,
  parts: GatewayParts,
): Promise<Running> {
  const { account, directory } = options;
  const { clock, crypto, ledger, logger, secretKey, random } = parts;
  const now_ms = () => clock.now_ms();
  const hash = profileHash(crypto, ledger.profile);
  const alarms: Alarms = createAlarms(now_ms, limits.alarms);
  const counters = new PackCounters();
  const inFlight = new InFlight(limits);
  let failure: Error | undefined;
  let broker: Broker | undefined;
  let snapshots: Snapshots | undefined;

  let stopping = false;
  const drainers: (() => void)[] = [];

  function fail(error: Error): void {
    if (failure !== undefined || stopping) return;
    failure = error;
    wakeDrainers();
    logger.fatal({ error: describeError(error) }, 'the gateway stops taking packs');
    inFlight.close(error);
    void broker?.close();
    parts.onFailure?.(error);
  }

  const store = createColumnStore(parts.client);
  await store.migrate();
  const opened = await openJournal({
    directory,
    account,
    chainId: ledger.chainId,
    hash,
    limits,
    logger,
    onFailure: (error: AppError) => fail(error),
    onRoll: () => {
      snapshots?.write().catch((error: unknown) => {
        logger.error({ error: describeError(error) }, 'the snapshot was not written');
      });
    },
  });
  const { journal, states, recovered } = opened;
  const repair: RepairParts = { account, hash, store, journal, random };
  const quarantined = await openAfterCrash();

  async function openAfterCrash(): Promise<Recovered['quarantined']> {
    try {
      assertSameAnchors(account, anchoredOnLedger(ledger, account), recovered);
      const written = await repairBatches(repair, recovered.batches);
      if (written.length > 0) logger.warn({ batches: written }, 'batches were written again');
      return await missingQuarantine(repair, recovered.quarantined);
    } catch (error) {
      await journal.close();
      await opened.lock.release();
      throw error;
    }
  }

  const book = new BatchBook(finishedBefore(opened));
  if (opened.head.retainedFrom !== null) book.addBoundary(opened.head.retainedFrom);
  for (const batch of recovered.batches) {
    const closed = toClosed(batch);
    book.add(closed);
    book.markStored(closed);
    if (batch.anchored) book.markAnchored(closed);
    // Those that the last run had not seen stored count as received again, and as stored at once.
    if (batch.packRecords !== undefined) {
      counters.receive(batch.record.count);
      counters.store(batch.record.count);
    }
  }
  counters.receive(recovered.open.length);
  inFlight.recover(recovered.open.length);

  const registry = createDeviceRegistry(ledger, (id) => broker?.disconnect(id));
  const verifier = createVerifier(crypto, limits.sm2Workers);
  const statements = new StatementWriter({
    account,
    secret: secretKey,
    crypto,
    chainId: ledger.chainId,
    clock,
    store,
    registry,
    alarms,
    delay_ms: limits.statementDelay_ms,
  });

  const batcher = new Batcher(
    {
      hash,
      clock,
      journal,
      batchPacks: limits.batchPacks,
      batchAge_ms: limits.batchAge_ms,
      mayClose: () => book.unanchored < limits.anchorBacklog,
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
      inFlight.leavePacks(packs.length);
      statements.noteStored(packs);
      progressed();
    },
    onError(error) {
      alarms.raise('store-failed', '', describeError(error));
      logger.error({ error: describeError(error) }, 'a batch was not stored; trying again');
      return true;
    },
  });

  const anchorer = new Anchorer(
    ledger,
    { crypto, account, secret: secretKey, chainId: ledger.chainId, hash },
    journal,
  );
  const anchors = new Worker<ClosedBatch>({
    clock,
    next: () => (failure === undefined ? book.firstUnanchored() : undefined),
    async run(batch) {
      await anchorer.anchor(batch);
      book.markAnchored(batch);
      batcher.poke();
      progressed();
    },
    onError(error) {
      if (isFork(error)) {
        fail(error);
        return false;
      }
      alarms.raise('anchor-refused', '', describeError(error));
      const level = error instanceof AnchorRefused ? 'error' : 'warn';
      logger[level]({ error: describeError(error) }, 'a batch was not anchored; trying again');
      return true;
    },
  });

  function progressed(): void {
    if (inFlight.waiting > 0) full();
    if (isDrained()) wakeDrainers();
  }

  function wakeDrainers(): void {
    for (const resolve of drainers.splice(0)) resolve();
  }

  function isDrained(): boolean {
    return batcher.openPacks === 0 && book.unfinished.length === 0;
  }

  /** Packs wait for room: when nothing else is on its way to the store, the open batch must go. */
  function full(): void {
    if (book.firstUnstored() === undefined) batcher.close();
  }

  const quarantineWriter = new QuarantineWriter({
    account,
    clock,
    store,
    journal,
    delay_ms: limits.batchAge_ms,
    backlog: limits.quarantineBacklog,
    onError: (error) => alarms.raise('store-failed', '', describeError(error)),
  });
  for (const { record, at } of quarantined) void quarantineWriter.add(record, at);
  const quarantine = new Quarantine(
    {
      journal,
      alarms,
      perHour: limits.quarantinePerHour,
      onKept: (record, at) => quarantineWriter.add(record, at),
    },
    recovered.quarantineNext,
  );
  const pipeline = new Pipeline({
    hash,
    now_ms,
    registry,
    states,
    verifier,
    batcher,
    quarantine,
    inFlight,
    counters,
    alarms,
    onFull: full,
  });
  snapshots = new Snapshots({
    path: snapshotPath(directory),
    head: opened.head,
    journal,
    states,
    book,
    quarantine,
    quarantineWriter,
  });

  async function closeParts(): Promise<void> {
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
      await opened.lock.release();
    }
  }

  try {
    // The directory says whose it is from the first moment on.
    if (!opened.hadSnapshot) await snapshots.write();
    broker = await openBroker({
      listen: options.listen,
      limits,
      now_ms,
      logger,
      alarms,
      authenticate: (credentials) =>
        authenticateDevice({ crypto, registry, verifier, alarms, now_ms }, credentials),
      take: (arrival) => pipeline.take(arrival),
    });
  } catch (error) {
    await closeParts();
    throw error;
  }
  statements.start();
  storer.wake();
  anchors.wake();
  quarantineWriter.flush();
  logger.info({ account, port: broker.port, batches: recovered.nextBatch }, 'the gateway listens');

  const open: Broker = broker;
  return {
    port: open.port,
    async stop() {
      stopping = true;
      wakeDrainers();
      inFlight.close(gatewayError('gateway/stopped', 'The gateway is stopping.'));
      await open.close();
      await quarantineWriter.stop();
      await pipeline.idle();
      await closeParts();
    },
    status: () => ({
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
      devices: states.all().map(deviceStatus),
      alarms: { counts: alarms.counts(), recent: alarms.recent() },
    }),
    closeBatch() {
      batcher.close();
    },
    async drained() {
      quarantineWriter.flush();
      while (!isDrained()) {
        if (failure !== undefined) throw failure;
        if (stopping) throw gatewayError('gateway/stopped', 'The gateway is stopping.');
        batcher.close();
        await new Promise<void>((resolve) => drainers.push(resolve));
      }
    },
    reconcileStatements: () => statements.reconcile(),
    command: (deviceId, payload) => open.command(deviceId, payload),
  };

  function toClosed(batch: RecoveredBatch): ClosedBatch {
    return {
      record: batch.record,
      durable: Promise.resolve(batch.closedAt),
      packs: batch.packRecords?.map((record) => acceptedFromJournal(hash, record)),
      anchored: false,
      submissions: [...batch.submissions],
    };
  }
}

function isFork(error: unknown): error is Error {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return (
    code === 'gateway/forked-anchors' ||
    code === 'gateway/ledger-behind' ||
    code === 'gateway/journal-failed'
  );
}

function deviceStatus(device: DeviceState): DeviceStatus {
  const boot = device.window.boots.at(-1);
  return {
    id: device.id,
    boot: boot?.bootEpoch ?? 0,
    lastSeq: boot === undefined ? -1 : boot.next - 1,
    lastTime_ms: device.lastTime_ms,
    lastReceived_ms: device.lastReceived_ms,
    missing: device.window.missing(),
    gaps: device.window.gaps(),
    alarms: device.alarms,
  };
}
