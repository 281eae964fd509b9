// The HTTP server of a node: plugins, then routes. It does not listen: the launcher does, and tests inject.

import { randomBytes, randomUUID } from 'node:crypto';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import {
  type AsyncCryptoProvider,
  type Hash,
  type Subject,
  TX_SIZE_BYTES_MAX,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import fastify, { type FastifyBaseLogger, LogController } from 'fastify';
import type { Registry } from 'prom-client';
import { assembleBundle } from '../bundle/assemble.ts';
import { createDeviceIndex } from '../bundle/device-index.ts';
import { createPackProver } from '../bundle/packed-batches.ts';
import { createScopeProver } from '../bundle/scopes.ts';
import { createBundleService } from '../bundle/service.ts';
import { createStatementCheck } from '../bundle/soundness.ts';
import { documentFileRoutes, documentListRoute } from '../documents/routes.ts';
import type { DocumentStore } from '../documents/store.ts';
import { useEpcisDiscovery } from '../epcis/routes/headers.ts';
import { epcisRoutes } from '../epcis/routes/index.ts';
import type { Epcis } from '../epcis/service.ts';
import { exportRoutes } from '../exports/routes.ts';
import type { ReadingStore } from '../readings/port.ts';
import type { RecallNotices } from '../recalls/notices.ts';
import { recallRoutes } from '../recalls/routes.ts';
import { createScopeTrees } from '../recalls/scope-trees.ts';
import { resolverRoutes } from '../resolver/routes.ts';
import type { RevealCarrier } from '../reveals/carrier.ts';
import { createRevealDesk } from '../reveals/desk.ts';
import { revealRoutes } from '../reveals/routes.ts';
import type { RevealStore } from '../reveals/store.ts';
import { scanRoutes } from '../scans/routes.ts';
import type { ScanStore } from '../scans/store.ts';
import { createUnitDoor } from '../scans/unit-door.ts';
import { createVisitors } from '../scans/visitor.ts';
import { answerClientError } from './client-error.ts';
import type { App, RouteContext } from './context.ts';
import { createHealthCheck } from './health.ts';
import { metricsRoute, useMetrics } from './metrics.ts';
import { DEFAULT_HTTP_OPTIONS, type HttpOptions } from './options.ts';
import { loadPages, usePages } from './pages.ts';
import type { Clock, LedgerNode, Pin, StatusSources } from './ports.ts';
import { replyWithError, useProblems } from './problems.ts';
import { blockRoutes } from './routes/blocks.ts';
import { bundleRoutes } from './routes/bundles.ts';
import { dryRunRoute } from './routes/dry-run.ts';
import { governanceRoutes } from './routes/governance.ts';
import { labelRoutes } from './routes/labels.ts';
import { productRoutes } from './routes/products.ts';
import { proofRoutes } from './routes/proofs.ts';
import { readingRoutes } from './routes/readings.ts';
import { recordRoutes } from './routes/records.ts';
import { healthRoute, pinRoute } from './routes/service.ts';
import { statusRoutes } from './routes/status.ts';
import { traceRoutes } from './routes/trace.ts';
import { transactionRoutes } from './routes/transactions.ts';
import { DOCS_CSP, useSecurity } from './security.ts';
import { createUnitGuard } from './unit-guard.ts';
import { watchMethods } from './wrong-method.ts';

export interface HttpServerDeps {
  readonly node: LedgerNode;
  /** The hash of the ledger's profile. */
  readonly hash: Hash;
  readonly readings: ReadingStore;
  readonly pin: Pin;
  readonly clock: Clock;
  /** `performance.now` unless given. */
  readonly elapsed_ms?: () => number;
  /** Verifies statements before they go out; `nodeCrypto` unless given. One with threads spares this one. */
  readonly crypto?: AsyncCryptoProvider;
  readonly logger: FastifyBaseLogger;
  readonly statusSources?: StatusSources;
  /** The build of the web room. Without it the API and the resolver work, and pages say that there are none. */
  readonly web?: { readonly directory: string };
  /** Counts scans; without it there are no routes of scans. The launcher closes it after this server. */
  readonly scans?: ScanStore;
  /** Counts hidden codes shown again; without it there is no route for them. The launcher closes it after this server. */
  readonly reveals?: RevealStore;
  /** Brings hidden codes to the ledger; without it they are only checked. */
  readonly carrier?: RevealCarrier;
  /** The files of registered documents; without it only their records are told. The launcher closes it after this server. */
  readonly documents?: DocumentStore;
  /** EPCIS 2.0 under /epcis; without it there is none. The launcher closes it after this server. */
  readonly epcis?: Epcis;
  /** Tells holders of recalls; without it recalls are only shown. The launcher stops it after this server. */
  readonly recallNotices?: RecallNotices;
  /** For the salt of visitor tokens; the system's unless given. */
  readonly random?: (size_bytes: number) => Uint8Array;
  /** Further Prometheus registries for /metrics. */
  readonly registries?: readonly Registry[];
}

/** Seconds of patience with a client, against those who send a byte a minute. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const IDLE_TIMEOUT_MS = 120_000;
const KEEP_ALIVE_MS = 15_000;
const HEADER_BYTES_MAX = 16 * 1024;
/** Longer than any key of ours, percent-encoded. */
const PARAM_CHARS_MAX = 256;

/** Builds the server; `listen` or `inject` it, then `close`. */
export async function createHttpServer(
  deps: HttpServerDeps,
  overrides: Partial<HttpOptions> = {},
): Promise<App> {
  const options: HttpOptions = { ...DEFAULT_HTTP_OPTIONS, ...overrides };
  const pages = await loadPages(deps.web?.directory);
  const app: App = fastify({
    loggerInstance: deps.logger,
    // One line a request would be the log of who scanned what; metrics count instead.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    trustProxy: options.trustedProxies.length === 0 ? false : [...options.trustedProxies],
    bodyLimit: TX_SIZE_BYTES_MAX,
    connectionTimeout: IDLE_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: { headersTimeout: HEADERS_TIMEOUT_MS, maxHeaderSize: HEADER_BYTES_MAX },
    forceCloseConnections: true,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: PARAM_CHARS_MAX },
    frameworkErrors: (error, request, reply) => void replyWithError(error, request, reply),
    clientErrorHandler: answerClientError,
  });
  app.server.maxConnections = options.connectionsMax;
  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  useProblems(app);
  const http = useMetrics(app);
  const refuseWrongMethods = watchMethods(app);
  if (deps.epcis !== undefined) useEpcisDiscovery(app);
  await useSecurity(app, options);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Suyuan node',
        version: '1',
        description: 'Reads of the ledger, proofs, bundles, and the door for signed transactions.',
      },
    },
  });
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: DOCS_CSP });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());

  const context: RouteContext = {
    node: deps.node,
    hash: deps.hash,
    readings: deps.readings,
    clock: deps.clock,
    elapsed_ms: deps.elapsed_ms ?? (() => performance.now()),
    statusSources: deps.statusSources ?? {},
    options,
  };
  const devices = createDeviceIndex(deps.node);
  app.addHook('onClose', async () => devices.stop());
  const prover = createPackProver(deps.node, deps.readings, deps.hash);
  const isSound = createStatementCheck(deps.crypto ?? nodeCrypto, deps.hash, deps.node.chainId);
  const scopeTrees = createScopeTrees(deps.hash, (recall) => deps.node.scopeOf(recall));
  const scopes = createScopeProver(deps.hash, scopeTrees);
  const assemble = (link: Subject) =>
    assembleBundle({ ...context, devices, prover, scopes, isSound }, link);
  const bundles = createBundleService({
    height: () => deps.node.height(),
    subscribe: (listener) => deps.node.subscribe(listener),
    assemble,
    elapsed_ms: context.elapsed_ms,
  });
  app.addHook('onClose', async () => bundles.stop());
  const health = createHealthCheck(context, app.log);
  const guard = createUnitGuard({
    missesMax: options.unknownUnitsMax,
    elapsed_ms: context.elapsed_ms,
  });
  const visitors = createVisitors(deps.random ?? ((size_bytes) => randomBytes(size_bytes)));
  const unitOf = createUnitDoor(deps.node, guard);
  const desk =
    deps.reveals === undefined
      ? undefined
      : createRevealDesk({ ...context, store: deps.reveals, carrier: deps.carrier });

  healthRoute(app, health);
  pinRoute(app, deps.pin);
  metricsRoute(app, [http, ...(deps.registries ?? [])]);
  await app.register(
    async (scope: App) => {
      await scope.register(async (raw: App) => transactionRoutes(raw, context));
      dryRunRoute(scope, context, nodeCrypto);
      blockRoutes(scope, context);
      recordRoutes(scope, context);
      governanceRoutes(scope, context);
      productRoutes(scope, context);
      labelRoutes(scope, context);
      recallRoutes(scope, context, scopeTrees, deps.recallNotices);
      proofRoutes(scope, context, prover);
      readingRoutes(scope, context, devices);
      bundleRoutes(scope, context, bundles, guard);
      traceRoutes(scope, context, guard);
      if (deps.scans !== undefined) {
        scanRoutes(scope, context, { store: deps.scans, visitors, unitOf, reveals: desk });
      }
      if (desk !== undefined) revealRoutes(scope, context, { desk, unitOf });
      documentListRoute(scope, context);
      const { documents } = deps;
      if (documents !== undefined) {
        await scope.register(async (raw: App) => documentFileRoutes(raw, context, documents));
      }
      if (deps.epcis !== undefined) {
        exportRoutes(scope, context, {
          epcis: deps.epcis,
          assemble,
          guard,
          ...(documents === undefined ? {} : { documents }),
        });
      }
      statusRoutes(scope, context, health);
    },
    { prefix: '/api/v1' },
  );
  const { epcis } = deps;
  if (epcis !== undefined) {
    await app.register(async (scope: App) => epcisRoutes(scope, context, epcis), {
      prefix: '/epcis',
    });
  }
  resolverRoutes(app, context, pages, guard);
  await usePages(app, deps.web?.directory);
  refuseWrongMethods();
  return app;
}
