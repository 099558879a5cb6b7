import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { BrowserClient } from '../support/browser/browser-client.js';
import { sendHalf } from '../support/browser/open-requests.js';
import { cleanUp, ReferenceServer } from '../support/servers/reference-server.js';
import { headerOf, readAnswers, Wire } from '../support/browser/wire.js';

const IN_FLIGHT = 80;

describe.each(['fastify', 'express'])('a stop, on %s', (HTTP_ADAPTER) => {
  /** What is known of connections and signals before any platform sees a request is the same on both. */
  const onOne = HTTP_ADAPTER === 'fastify' ? it : () => undefined;

  afterEach(() => ReferenceServer.stopAll());
  afterAll(cleanUp);

  it.each(HTTP_ADAPTER === 'fastify' ? (['SIGTERM', 'SIGINT'] as const) : (['SIGTERM'] as const))(
    'by %s answers and stores all requests in flight',
    async (signal) => {
      const server = await ReferenceServer.start({ env: { HTTP_ADAPTER, SHUTDOWN_GRACE: '25s' } });
      const requests = await Promise.all(
        Array.from({ length: IN_FLIGHT }, (_, n) => sendHalf(server.url, `code=value+${n}`)),
      );
      server.signal(signal);
      await server.waitFor(/"msg":"stopping"/);
      for (const request of requests) request.finish();

      const answers = await Promise.all(requests.map(({ answer }) => answer));
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: IN_FLIGHT }, () => 200));
      expect(answers[0]!.headers.connection).toBe('close');
      expect(await server.exit).toEqual({ code: 0, signal: null });

      const next = await ReferenceServer.start({ inHost: true, directory: server.directory, env: { HTTP_ADAPTER } });
      const kept = answers.map(({ headers }) => {
        const cookie = headers['set-cookie']![0]!.split(';')[0]!;
        return new BrowserClient(next.url, { cookie }).get('/api/code');
      });
      const values = (await Promise.all(kept)).map((answer) => answer.json()['result']);
      expect(values).toEqual(Array.from({ length: IN_FLIGHT }, (_, n) => `value ${n}`));
    },
  );

  onOne('closes idle connections and refuses new ones', async () => {
    const server = await ReferenceServer.start({ env: { HTTP_ADAPTER, STORAGE: 'memory' } });
    await new BrowserClient(server.url).get('/');
    const { url } = server;

    expect(await server.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    await expect(fetch(url)).rejects.toThrow();
  });

  it('answers all that was pipelined', async () => {
    const server = await ReferenceServer.start({ env: { HTTP_ADAPTER, STORAGE: 'memory', SHUTDOWN_GRACE: '25s' } });
    const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
    const form = 'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 6\r\n\r\n';
    const wire = Wire.to(server.url).send(
      `${get('/health/live')}${get('/none')}POST /api/code HTTP/1.1\r\nHost: x\r\n${form}`,
    );
    await wire.waitFor(/not_found/);
    server.signal('SIGTERM');
    await server.waitFor(/"msg":"stopping"/);
    wire.send(`code=x${get('/api/code')}${get('/health/ready')}`);
    const answers = readAnswers(await wire.all());

    expect(answers.map(({ status }) => status)).toEqual([200, 404, 200, 200, 503]);
    expect(headerOf(answers[4]!, 'connection')).toBe('close');
    expect(await server.exit).toEqual({ code: 0, signal: null });
  });

  onOne('does not wait for half a request', async () => {
    const server = await ReferenceServer.start({ env: { HTTP_ADAPTER, STORAGE: 'memory', SHUTDOWN_GRACE: '25s' } });
    const wires = ['', 'GET / HT', 'GET / HTTP/1.1\r\nHost: x\r\n'].map((half) => Wire.to(server.url).send(half));
    await fetch(server.url);

    expect(await server.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    for (const wire of wires) wire.socket.destroy();
  });

  onOne('ends with status 1 when the grace is over', async () => {
    const server = await ReferenceServer.start({ env: { HTTP_ADAPTER, STORAGE: 'memory', SHUTDOWN_GRACE: '200ms' } });
    const { answer } = await sendHalf(server.url, 'code=never');

    expect(await server.kill('SIGTERM')).toEqual({ code: 1, signal: null });
    await expect(answer).rejects.toThrow();
    expect(server.stdout).toContain('SHUTDOWN_GRACE');
  });

  onOne('is at once with a second signal', async () => {
    const server = await ReferenceServer.start({ env: { HTTP_ADAPTER, STORAGE: 'memory', SHUTDOWN_GRACE: '1h' } });
    await sendHalf(server.url, 'code=never');
    server.signal('SIGTERM');
    await server.waitFor(/"msg":"stopping"/);

    expect(await server.kill('SIGTERM')).toEqual({ code: 1, signal: null });
  });
});
