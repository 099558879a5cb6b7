import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { readText, sourceFiles } from '../package/source-files.js';
import { until } from '../support/latch.js';
import { sendHalf } from '../support/browser/open-requests.js';
import { cleanUp, ReferenceServer } from '../support/servers/reference-server.js';
import { headerOf, readAnswers, Wire } from '../support/browser/wire.js';

const TOLD = /"msg":"nobody has caught this fault/;
const SECRET = `${'h'.repeat(22)}.${'s'.repeat(43)}`;
const IN_FLIGHT = 20;

function startWith(TEST_FAULT: string, env: Record<string, string> = {}): Promise<ReferenceServer> {
  return ReferenceServer.start({
    preload: ['test/support/servers/faults.mjs'],
    env: { STORAGE: 'memory', SHUTDOWN_GRACE: '25s', TEST_FAULT, TEST_SECRET: SECRET, ...env },
  });
}

function told(server: ReferenceServer): Record<string, unknown>[] {
  return server.logLines.filter(({ level }) => level === 60);
}

const THROWN = [
  ['rejection', 'unhandledRejection', { err: { message: expect.stringContaining('nowhere-51c2') } }],
  ['exception', 'uncaughtException', { err: { stack: expect.stringMatching(/nowhere-51c2[^]*faults\.mjs/) } }],
  ['text', 'unhandledRejection', { thrown: 'string' }],
  ['object', 'uncaughtException', { thrown: 'object' }],
] as const;

describe.each([
  ['fastify', THROWN],
  // What kind of fault it is differs in the log alone, which no platform sees.
  ['express', THROWN.slice(0, 1)],
])('a fault that nobody has caught, on %s', (HTTP_ADAPTER, thrown) => {
  afterEach(() => ReferenceServer.stopAll());
  afterAll(cleanUp);

  it.each(thrown)(
    'stops the server, when it is a %s, after the requests in flight',
    async (fault, origin, description) => {
      const server = await startWith(fault, { HTTP_ADAPTER });
      const { url } = server;
      const idle = await Wire.to(url)
        .send('GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n')
        .waitFor(/"status":"ok"/);
      const requests = await Promise.all(Array.from({ length: IN_FLIGHT }, (_, n) => sendHalf(url, `code=value+${n}`)));
      server.signal('SIGUSR2');
      await server.waitFor(TOLD);

      const [before, ready] = readAnswers(await idle.send('GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n').all());
      expect(before).toMatchObject({ status: 200 });
      expect(ready).toMatchObject({ status: 503, body: expect.stringContaining('"field":"server"') });
      expect(headerOf(ready!, 'connection')).toBe('close');
      await until('new connections are refused', () =>
        fetch(url).then(
          () => false,
          () => true,
        ),
      );

      for (const request of requests) request.finish();
      const answers = await Promise.all(requests.map(({ answer }) => answer));
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: IN_FLIGHT }, () => 200));
      expect(await server.exit).toEqual({ code: 1, signal: null });
      expect(told(server)).toMatchObject([{ origin, ...description }]);
      expect(server.stderr).toBe('');
      expect(server.stdout).not.toContain(SECRET.split('.')[1]);
    },
  );
});

describe('a fault that nobody has caught', () => {
  afterEach(() => ReferenceServer.stopAll());
  afterAll(cleanUp);

  it('ends the process when the grace is over', async () => {
    const server = await startWith('rejection', { SHUTDOWN_GRACE: '300ms' });
    const { answer } = await sendHalf(server.url, 'code=never');
    server.signal('SIGUSR2');

    expect(await server.exit).toEqual({ code: 1, signal: null });
    await expect(answer).rejects.toThrow();
    expect(server.stdout).toContain('SHUTDOWN_GRACE');
  });

  it('is told, and waited for no longer, when it is the second', async () => {
    const server = await startWith('rejection');
    const request = await sendHalf(server.url, 'code=x');
    server.signal('SIGUSR2');
    await server.waitFor(TOLD);
    server.signal('SIGUSR2');
    await server.waitFor(/nobody[^]*nobody/);
    request.finish();

    expect((await request.answer).status).toBe(200);
    expect(await server.exit).toEqual({ code: 1, signal: null });
    expect(told(server)).toHaveLength(2);
  });

  it('does not flood the log', async () => {
    const server = await startWith('storm');
    server.signal('SIGUSR2');

    expect(await server.exit).toEqual({ code: 1, signal: null });
    expect(told(server)).toHaveLength(10);
  });

  it('makes a stop by a signal end with status 1', async () => {
    const server = await startWith('rejection');
    const request = await sendHalf(server.url, 'code=x');
    server.signal('SIGTERM');
    await server.waitFor(/"msg":"stopping"/);
    server.signal('SIGUSR2');
    await server.waitFor(TOLD);
    request.finish();

    expect((await request.answer).status).toBe(200);
    expect(await server.exit).toEqual({ code: 1, signal: null });
  });

  it('lets one signal pass that comes afterwards, and ends at once with the second', async () => {
    const server = await startWith('rejection');
    await sendHalf(server.url, 'code=never');
    server.signal('SIGUSR2');
    await server.waitFor(TOLD);
    server.signal('SIGTERM');
    await server.waitFor(/"msg":"stopping"/);

    expect(await server.kill('SIGTERM')).toEqual({ code: 1, signal: null });
  });

  it('ends the start', async () => {
    const server = await ReferenceServer.launch({
      preload: ['test/support/servers/faults.mjs'],
      env: { STORAGE: 'memory', TEST_FAULT: 'start', TEST_SECRET: SECRET },
    });

    expect(await server.exit).toEqual({ code: 1, signal: null });
    expect(told(server)).toHaveLength(1);
    expect(server.stdout).not.toContain('listening');
  });
});

it('is the business of the process, never of the library', () => {
  const listens = /process\s*\.\s*(on|once|addListener|prependListener)\b/;
  expect(sourceFiles('libs').filter((file) => listens.test(readText(file)))).toEqual([]);
});
