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

const STORE = ['insert', 'read', 'update', 'rotate', 'delete'];
const INDEX = ['find', 'count', 'end', 'sweep', 'sweepUser', 'userEpoch', 'raiseUserEpoch'];
const LOCKS = ['acquire', 'release'];

export interface Contracts {
  readonly store: SessionStore;
  readonly index: SessionIndex;
  readonly locks: SessionLocks;
}

/** Breaks what the contracts of one instance promise. */
export type Fault = (contracts: Contracts, turns: Turns, clock: FakeClock) => void;

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

export async function openInstances(storage: TestStorage, fault?: Fault): Promise<Instances> {
  const opened = await storage.open();
  const shared = {
    clock: new FakeClock(),
    turns: new Turns(),
    ended: [] as string[],
    renewedBy: new Set<string>(),
  };
  const apps: INestApplication[] = [];
  for (let n = 0; n < (storage.isShared ? 2 : 1); n++) apps.push(await startOne(storage, opened, shared, fault));
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
  fault?.({ store, index, locks }, turns, clock);
  await watch(storage, app, { store, index, locks }, turns);
  const events = app.get(SessionEvents);
  events.on('session.ended', ({ handle }) => void ended.push(handle));
  events.on('session.renewed', () => void renewedBy.add(turns.actor));
  return app;
}

/** Where there is a database, each of its commands has a turn; otherwise each call of a contract. */
async function watch(
  storage: TestStorage,
  app: INestApplication,
  { store, index, locks }: Contracts,
  turns: Turns,
): Promise<void> {
  const contracts = [
    [store, STORE],
    [index, INDEX],
    [locks, LOCKS],
  ] as const;
  const database = storage.isShared ? await databaseOf(app) : null;
  for (const [contract, methods] of contracts) {
    if (database) turns.name(contract, methods);
    else turns.watch(contract, methods);
  }
  // Updates of one session wait for each other in the process, and go on together.
  if (onMongodb) turns.queue(store, ['update']);
  if (database)
    turns.watch(
      database,
      ['read', 'write', 'run', 'runDurably'].filter((name) => name in database),
    );
}

async function databaseOf(app: INestApplication): Promise<object> {
  return app.get<object>(onMongodb ? (await import('nest-gatehouse/mongoose')).MongooseDatabase : SqliteDatabase);
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
