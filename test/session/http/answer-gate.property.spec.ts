import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { setImmediate as tick } from 'node:timers/promises';
import { All, Controller, Req, Res, type DynamicModule, type INestApplication } from '@nestjs/common';
import express from 'express';
import fc from 'fast-check';
import { MemoryStorageModule, type Session, SessionModule, SessionService } from 'nest-gatehouse/session';
import { SessionStore } from 'nest-gatehouse/session/storage';
import { Latch } from '../../support/latch.js';
import { startApp, PLATFORMS, type Platform, type RunningApp } from '../../support/apps/platforms.js';
import { bytesUntilClose } from './support/bytes-until-close.js';
import { watchCrashes } from './support/crashes.js';
import { calls, makeCalls, wrap, type Call } from './support/answer-calls.js';

/** What becomes of the session before the answer is begun. */
const FATES = ['untouched', 'changed', 'new', 'destroyed', 'none'] as const;
type Fate = (typeof FATES)[number];

interface Run {
  readonly list: readonly Call[];
  readonly fate: Fate;
  readonly isCareless: boolean;
  readonly seen: string[];
  /** Opened when the handler has made its last call. */
  readonly over: Latch;
}

type PlatformResponse = ServerResponse & { readonly raw?: ServerResponse; hijack?(): void };

const runs = new Map<string, Run>();

@Controller()
class AnswerController {
  @All('run')
  async run(@Req() request: { headers: Record<string, string>; session?: Session }, @Res() response: PlatformResponse) {
    const { list, fate, isCareless, seen, over } = runs.get(request.headers['x-run']!)!;
    const { session } = request;
    if (session && (fate === 'changed' || fate === 'new')) session.visits = Number(session.visits ?? 0) + 1;
    await (fate === 'destroyed' ? session?.destroy() : Promise.resolve());
    response.hijack?.();
    await makeCalls(response.raw ?? response, list, seen, isCareless).finally(() => over.open());
  }
}

/** How long each operation of the store takes, in turns of the event loop; 0: it answers at once. */
let latency = 0;

function slowDown(app: INestApplication): void {
  const store = app.get(SessionStore, { strict: false });
  for (const name of ['read', 'insert', 'update', 'delete'] as const) {
    const original = Reflect.get(store, name) as (...args: unknown[]) => unknown;
    Reflect.set(store, name, (...args: unknown[]) => {
      if (latency === 0) return original.apply(store, args);
      return wait(latency).then(() => original.apply(store, args));
    });
  }
}

async function wait(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await tick();
}

/** The application, where `wrapped` below another one whose middleware has wrapped the response before. */
async function start(platform: Platform, modules: DynamicModule[], isMounted: boolean): Promise<RunningApp> {
  const metadata = { controllers: [AnswerController], imports: modules };
  const running = await startApp(platform, metadata, (app) =>
    hideStacks(app.getHttpAdapter().getInstance() as express.Express),
  );
  if (!isMounted) return running;
  const parent = express();
  hideStacks(parent);
  parent.use((_request, response, next) => (wrap(response), next()));
  parent.use(running.app.getHttpAdapter().getInstance() as express.Express);
  const server = parent.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const close = async () => {
    server.close();
    await running.close();
  };
  return { ...running, url: `http://127.0.0.1:${port}`, close };
}

/** Express shows where an error came from, which is by way of us; where it does not, it prints it. */
function hideStacks(app: { set?(name: string, value: string): unknown }): void {
  app.set?.('env', 'production');
}

const OURS = /^(set-cookie: sid=|cache-control: no-store|date: )/i;

function withoutOurs(bytes: string): string {
  const end = bytes.indexOf('\r\n\r\n');
  const lines = bytes.slice(0, end).split('\r\n');
  return lines.filter((line) => !OURS.test(line)).join('\r\n') + bytes.slice(end);
}

const seed = Number(process.env['GATEHOUSE_PROPERTY_SEED'] ?? Date.now() % 2 ** 31);
const numRuns = Number(process.env['GATEHOUSE_PROPERTY_RUNS'] ?? 100);
const SETUPS = [
  ...PLATFORMS.map((platform) => ({ platform, isMounted: false })),
  { platform: 'express', isMounted: true },
] as const;

describe.each(SETUPS)('an answer behind the gate ($platform, mounted: $isMounted)', ({ platform, isMounted }) => {
  let bare: RunningApp;
  let ours: RunningApp;
  let count = 0;
  let crashes: string[] = [];
  let stopWatching: () => void;

  beforeAll(async () => {
    jest.spyOn(console, 'error').mockImplementation(() => undefined);
    stopWatching = watchCrashes((error) => crashes.push((error as NodeJS.ErrnoException).code ?? error.name));
    bare = await start(platform, [], isMounted);
    ours = await start(platform, [MemoryStorageModule.forRoot(), SessionModule.forRoot()], isMounted);
    slowDown(ours.app);
  });

  afterAll(async () => {
    await bare.close();
    await ours.close();
    stopWatching();
    jest.restoreAllMocks();
  });

  async function bytesOf(
    app: RunningApp,
    method: string,
    version: string,
    cookie: string,
    given: Omit<Run, 'over'>,
  ): Promise<string> {
    const id = String(count++);
    const run: Run = { ...given, over: new Latch() };
    runs.set(id, run);
    const head = [
      `${method} /run HTTP/${version}`,
      'Host: localhost',
      'Connection: close',
      `x-run: ${id}`,
      ...(cookie ? [`Cookie: ${cookie}`] : []),
    ];
    const bytes = await bytesUntilClose(app.url, `${head.join('\r\n')}\r\n\r\n`);
    await run.over.opened;
    runs.delete(id);
    return withoutOurs(bytes);
  }

  const title = `is the same as without us (seed ${seed}, ${numRuns} sequences)`;
  const patience = 60_000 + 100 * numRuns;

  it(
    title,
    async () => {
      const sequence = fc.record({
        list: calls,
        fate: fc.constantFrom(...FATES),
        // Fastify leaves an answer that was taken from it to whoever took it.
        isCareless: platform === 'express' ? fc.boolean() : fc.constant(false),
        latency: fc.constantFrom(0, 1, 3),
        method: fc.constantFrom('GET', 'POST', 'HEAD'),
        version: fc.constantFrom('1.1', '1.1', '1.0'),
      });
      await fc.assert(
        fc.asyncProperty(sequence, async ({ list, fate, isCareless, method, version, ...rest }) => {
          latency = rest.latency;
          const needsOne = fate !== 'new' && fate !== 'none';
          const token = needsOne ? (await ours.app.get(SessionService).createForUser('ada')).token : '';
          const [expected, actual] = [[], []] as [string[], string[]];
          const cookie = token && `sid=${token}`;
          crashes = [];
          const plain = await bytesOf(bare, method, version, '', { list, fate: 'none', isCareless, seen: expected });
          const itsCrashes = crashes;
          crashes = [];
          const gated = await bytesOf(ours, method, version, cookie, { list, fate, isCareless, seen: actual });
          expect(crashes).toEqual(itsCrashes);
          // Node leaves a socket corked after `end` with a wrong argument; such an answer need not hang with us as well.
          if (list.some((each) => each.call === 'destroy') || plain.endsWith('<open>')) return;
          expect({ bytes: gated, errors: actual }).toEqual({ bytes: plain, errors: expected });
        }),
        { seed, numRuns, endOnFailure: true },
      );
    },
    patience,
  );
});
