import type { Server } from 'node:http';
import { Controller, Get, type INestApplication, Module, Req } from '@nestjs/common';
import { type Session, SessionEvents, SessionModule, SessionService, SessionSweeper } from 'nest-gatehouse/session';
import { SessionIndex, SessionLocks, SessionStore } from 'nest-gatehouse/session/storage';
import { SqliteDatabase } from 'nest-gatehouse/sqlite';
import { FakeClock, HOUR, MINUTE, SECOND } from '../../support/apps/fake-clock.js';
import { PATIENT, withClock } from '../../support/apps/session-app.js';
import { createApp } from '../../support/apps/platforms.js';
import type { OpenStorage, TestStorage } from '../../support/apps/test-storage.js';
import { sendDirectly } from './direct-request.js';
import type { Terms } from './reference-model.js';
import { Turns } from './turns.js';

export const TERMS: Terms = {
  idleTimeout: 30 * MINUTE,
  absoluteTimeout: 12 * HOUR,
  renewGrace: 10 * SECOND,
  touchInterval: SECOND,
  lockLease: 30 * SECOND,
};
// Whoever meets a lock that is held does not wait for it: a wait would take real time.
const OPTIONS = { ...PATIENT, ...TERMS, lockWait: 1, renewAfter: false, sweepInterval: '1d', doctor: false } as const;
const UNBOUNDED = { maxAnonymousSessions: 0, maxAnonymousBytes: 0 };

const METHODS = {
  store: ['insert', 'read', 'update', 'rotate', 'delete'],
  index: ['find', 'count', 'end', 'sweep', 'sweepUser', 'userEpoch', 'raiseUserEpoch'],
  locks: ['acquire', 'release'],
} as const;

export interface Contracts {
  readonly store: SessionStore;
  readonly index: SessionIndex;
  readonly locks: SessionLocks;
}

/** Breaks what the contracts of one instance promise. */
export type Fault = (contracts: Contracts, turns: Turns, clock: FakeClock) => void;

/** The contracts of another process. */
export interface OtherProcess {
  /** From now on these methods are called there. */
  replace(contracts: Contracts, methods: Readonly<Record<keyof Contracts, readonly string[]>>): void;
  close(): Promise<void>;
}

export interface Conditions {
  /** Of every instance. */
  readonly fault?: Fault;
  /** Opens the process whose contracts the last instance uses. Default: all are those of this process. */
  readonly otherProcess?: (clock: FakeClock) => Promise<OtherProcess>;
}

type Handler = (session: Session) => Promise<void>;

/** One process of an application, so to speak. */
export interface Instance {
  readonly sessions: SessionService;
  readonly sweeper: SessionSweeper;
  /** Sends a request with this token to a handler. @returns the status, and the token in the answer's cookie, if any */
  send(token: string, handler: Handler): Promise<{ status: number; token: string | null }>;
}

/** The instances of an application on one storage, with one clock, and with the one order of their calls. */
export interface Instances {
  readonly all: readonly Instance[];
  readonly clock: FakeClock;
  readonly turns: Turns;
  /** The handles of the sessions whose end was emitted. */
  readonly ended: string[];
  /** The actors whose renewal was emitted. */
  readonly renewedBy: Set<string>;
  /** Whether one step raises an epoch and revokes the sessions. */
  readonly raisesAtOnce: boolean;
  /** Whether the clock may move while a call is on its way to the store. */
  readonly timePassesAnyTime: boolean;
  pass(milliseconds: number): Promise<void>;
  close(): Promise<void>;
}

export async function openInstances(
  storage: TestStorage,
  { fault, otherProcess }: Conditions = {},
): Promise<Instances> {
  const opened = await storage.open();
  const shared = {
    clock: new FakeClock(),
    turns: new Turns(),
    ended: [] as string[],
    renewedBy: new Set<string>(),
  };
  const apps: INestApplication[] = [];
  apps.push(await startOne(storage, opened, shared, fault));
  // The first instance has made the file.
  const other = await otherProcess?.(shared.clock);
  if (storage.isShared) apps.push(await startOne(storage, opened, shared, fault, other));
  const onServer = storage.leasesRunBy === 'server';
  return {
    ...shared,
    all: apps.map(instanceOf),
    raisesAtOnce: !onServer,
    timePassesAnyTime: !onServer,
    async pass(milliseconds) {
      shared.clock.advance(milliseconds);
      if (onServer) await endLeasesSooner(apps[0]!, milliseconds);
    },
    async close() {
      for (const app of apps) await app.close();
      await other?.close();
      await opened.close();
      shared.turns.end();
    },
  };
}

type Shared = Pick<Instances, 'clock' | 'turns' | 'ended' | 'renewedBy'>;

async function startOne(
  storage: TestStorage,
  opened: OpenStorage,
  shared: Shared,
  fault?: Fault,
  other?: OtherProcess,
): Promise<INestApplication> {
  const { clock, turns, ended, renewedBy } = shared;
  class TestModule {}
  const session = withClock(SessionModule.forRoot({ ...OPTIONS, ...UNBOUNDED }), clock);
  Module({ imports: [...opened.imports(), session], controllers: [VisitController] })(TestModule);
  const app = await createApp(storage.platforms[0], TestModule);
  await app.init();
  // Fastify makes its routes when it is asked to.
  const platform = app.getHttpAdapter().getInstance() as { ready?(): Promise<unknown> };
  await platform.ready?.();
  const store = app.get(SessionStore);
  const index = app.get(SessionIndex);
  const locks = app.get(SessionLocks);
  const contracts = { store, index, locks };
  fault?.(contracts, turns, clock);
  other?.replace(contracts, METHODS);
  const database = storage.isShared && !other ? await databaseOf(storage, app) : null;
  watch(contracts, turns, database);
  const events = app.get(SessionEvents);
  events.on('session.ended', ({ handle }) => void ended.push(handle));
  events.on('session.renewed', () => void renewedBy.add(turns.actor));
  return app;
}

/** Where this process has a database, each of its commands has a turn; otherwise each call of a contract. */
function watch(contracts: Contracts, turns: Turns, database: object | null): void {
  for (const [name, contract] of Object.entries(contracts) as [keyof Contracts, object][]) {
    if (database) turns.name(contract, METHODS[name]);
    else turns.watch(contract, METHODS[name]);
  }
  if (!database) return;
  const isSqlite = database instanceof SqliteDatabase;
  // Updates of one session wait for each other in the process, and go on together.
  if (!isSqlite) turns.queue(contracts.store, ['update']);
  turns.watch(database, isSqlite ? ['read', 'write'] : ['run', 'runDurably']);
}

async function databaseOf({ leasesRunBy }: TestStorage, app: INestApplication): Promise<object> {
  if (leasesRunBy === 'application') return app.get(SqliteDatabase);
  return app.get<object>((await import('nest-gatehouse/mongoose')).MongooseDatabase);
}

/** Moves the ends of all leases, because the server's own clock cannot be moved. */
async function endLeasesSooner(app: INestApplication, milliseconds: number): Promise<void> {
  const { MongooseDatabase } = await import('nest-gatehouse/mongoose');
  const sooner = [{ $set: { expiresAt: { $subtract: ['$expiresAt', milliseconds] } } }];
  await app.get(MongooseDatabase).collection('session_locks').updateMany({}, sooner);
}

const handlers = new Map<string, Handler>();
let sent = 0;

/** Hands the session of each request to the handler that was sent with it. */
@Controller()
class VisitController {
  @Get()
  async visit(@Req() request: { session: Session; headers: Record<string, string> }): Promise<string> {
    await handlers.get(request.headers['x-handler']!)!(request.session);
    return 'done';
  }
}

function instanceOf(app: INestApplication): Instance {
  const server = app.getHttpServer() as Server;
  return {
    sessions: app.get(SessionService),
    sweeper: app.get(SessionSweeper),
    async send(token, handler) {
      const name = String(sent++);
      handlers.set(name, handler);
      const answer = await sendDirectly(server, { cookie: `sid=${token}`, 'x-handler': name });
      handlers.delete(name);
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(answer)![1]);
      return { status, token: /^set-cookie: sid=([^;\r]+)/im.exec(answer)?.[1] ?? null };
    },
  };
}
