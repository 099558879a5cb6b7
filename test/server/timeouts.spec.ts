import { createConnection } from 'node:net';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startFront, type RunningFront } from '../support/apps/http-front.js';
import { until } from '../support/latch.js';
import { cleanUp, ReferenceServer } from '../support/servers/reference-server.js';
import { headerOf, readAnswers, Wire, type WireAnswer } from '../support/browser/wire.js';

const GET = 'GET /api/code HTTP/1.1\r\nHost: x\r\n\r\n';
const POST = 'POST /api/code HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n';

/** Sends one character after the other for as long as the server listens. */
async function trickle(wire: Wire, bytes: string): Promise<string> {
  const all = wire.all();
  const characters = [...bytes];
  const timer = setInterval(() => {
    const next = characters.shift();
    if (next !== undefined && wire.socket.writable) wire.send(next);
  }, 5);
  return all.finally(() => clearInterval(timer));
}

function expectTimeout(answer: WireAnswer | undefined): void {
  expect(answer).toMatchObject({ status: 408 });
  expect(JSON.parse(answer!.body)).toMatchObject({ status: 408, code: 'request_timeout' });
  expect(headerOf(answer!, 'connection')).toBe('close');
}

describe.each(['fastify', 'express'])('a client that takes its time, on %s', (HTTP_ADAPTER) => {
  let server: ReferenceServer;

  beforeAll(async () => {
    server = await ReferenceServer.start({
      inHost: true,
      env: { HTTP_ADAPTER, STORAGE: 'memory', HEADERS_TIMEOUT: '300ms', REQUEST_TIMEOUT: '600ms' },
    });
  });

  afterAll(cleanUp);

  it.each([
    ['over its first line', '', `GET /${'x'.repeat(1000)}`],
    ['over its headers', GET.slice(0, -2), `A: ${'x'.repeat(1000)}`],
    ['over a body of a known length', `${POST}Content-Length: 2000\r\n\r\n`, 'x'.repeat(1000)],
    ['over a body in chunks', `${POST}Transfer-Encoding: chunked\r\n\r\n7d0\r\n`, 'x'.repeat(1000)],
    ['over everything', '', `${POST}Content-Length: 2000\r\n\r\n${'x'.repeat(1000)}`],
  ])('%s is answered 408', async (_name, sent, rest) => {
    const answers = readAnswers(await trickle(Wire.to(server.url).send(sent), rest));

    expect(answers).toHaveLength(1);
    expectTimeout(answers[0]);
  });

  it('over a body that nobody reads gets its answer, and no second one', async () => {
    const wire = Wire.to(server.url).send(`${GET.slice(0, -2)}Content-Length: 2000\r\n\r\n`);

    expect(readAnswers(await trickle(wire, 'x'.repeat(1000)))).toMatchObject([{ status: 200 }]);
  });

  it('to begin is answered 408', async () => {
    const answers = readAnswers(await Wire.to(server.url).all());

    expect(answers).toHaveLength(1);
    expectTimeout(answers[0]);
  });

  it('gets the answers to what it has sent before', async () => {
    const wire = Wire.to(server.url).send(`${GET}${GET}${POST}Content-Length: 2000\r\n\r\n`);
    const answers = readAnswers(await wire.all());

    expect(answers.slice(0, 2)).toMatchObject([{ status: 200 }, { status: 200 }]);
    expectTimeout(answers[2]);
    expect(answers).toHaveLength(3);
  });

  it('harms nobody else', async () => {
    const slow = Array.from({ length: 50 }, () => Wire.to(server.url).send(`${POST}Content-Length: 2000\r\n\r\n`));
    expect((await fetch(`${server.url}/api/code`)).status).toBe(200);
    const answers = await Promise.all(slow.map((wire) => wire.all()));

    for (const bytes of answers) expectTimeout(readAnswers(bytes)[0]);
    const late = () => server.logLines.filter(({ method, status }) => method === 'POST' && status === 408);
    await until('the log tells of them', () => late().length >= slow.length);
    expect((await fetch(`${server.url}/health/ready`)).status).toBe(200);
  });
});

describe('a connection', () => {
  let running: RunningFront;

  afterEach(() => running.close());

  it('carries a silent stream and a slow handler past all timeouts', async () => {
    let finish!: () => void;
    running = await startFront(
      (request, response) => {
        if (request.url === '/stream') response.write('data: 1\n\n');
        finish = () => response.end('end');
      },
      { REQUEST_TIMEOUT: '100ms', KEEP_ALIVE_TIMEOUT: '100ms', SEND_TIMEOUT: '100ms' },
    );
    for (const path of ['/stream', '/slow']) {
      const wire = Wire.to(running.url).send(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
      // The server looks for late clients every 50 ms: this one outlives others that came after it.
      for (let n = 0; n < 3; n++) await Wire.to(running.url).all();
      expect(wire.hasEnded).toBe(false);
      finish();
      await wire.waitFor(/end/);
    }
  });

  it('is closed without a word when it has been idle', async () => {
    running = await startFront((_request, response) => response.end('done'), { KEEP_ALIVE_TIMEOUT: '50ms' });
    const answers = readAnswers(await Wire.to(running.url).send(GET).all());

    expect(answers).toMatchObject([{ status: 200, body: 'done' }]);
  });

  it('is closed on a client that takes nothing of its answer', async () => {
    let isClosed = false;
    running = await startFront(
      (_request, response) => {
        response.on('close', () => (isClosed = true));
        response.end(Buffer.alloc(50_000_000));
      },
      { SEND_TIMEOUT: '200ms' },
    );
    const socket = createConnection(Number(new URL(running.url).port), '127.0.0.1').pause();
    socket.on('error', () => undefined).write(GET);

    await until('the server gives up', () => isClosed);
    socket.destroy();
  });

  it('is closed on a client that has closed its side and gets nothing', async () => {
    let isClosed = false;
    running = await startFront(
      (_request, response) => {
        response.on('close', () => (isClosed = true));
        response.write('data: 1\n\n');
      },
      { SEND_TIMEOUT: '200ms' },
    );
    await Wire.to(running.url)
      .send(GET)
      .halfClose()
      .waitFor(/data: 1/);

    await until('the server gives up', () => isClosed);
  });

  it('is kept for a client that takes its answer slowly', async () => {
    running = await startFront((_request, response) => response.end(Buffer.alloc(32_000_000)), {
      SEND_TIMEOUT: '1s',
    });
    const wire = Wire.to(running.url);
    wire.socket.on('data', () => {
      wire.socket.pause();
      setTimeout(() => wire.socket.resume(), 5);
    });
    wire.send(GET.replace('Host: x', 'Host: x\r\nConnection: close'));

    expect(readAnswers(await wire.all())[0]!.body).toHaveLength(32_000_000);
  });

  it('closes after as many requests as it may carry', async () => {
    let count = 0;
    running = await startFront((_request, response) => response.end(String(++count)), {
      MAX_REQUESTS_PER_CONNECTION: '3',
    });
    const answers = readAnswers(await Wire.to(running.url).send(GET.repeat(5)).all());

    expect(answers.map(({ body }) => body)).toEqual(['1', '2', '3']);
    expect(answers.map((answer) => headerOf(answer, 'connection') === 'close')).toEqual([false, false, true]);
    expect(count).toBe(3);
  });

  it('is refused where there are too many, until one is free', async () => {
    running = await startFront((_request, response) => response.end('done'), { MAX_CONNECTIONS: '2' });
    const wires = [Wire.to(running.url), Wire.to(running.url)];
    for (const wire of wires) await wire.send(GET).waitFor(/done/);
    expect(await Wire.to(running.url).send(GET).all()).toBe('');

    wires[0]!.socket.destroy();
    await until('there is room', async () => {
      const wire = Wire.to(running.url).send(GET.replace('Host: x', 'Host: x\r\nConnection: close'));
      return (await wire.all()).includes('done');
    });
  });

  it('may have as many headers as it is told', async () => {
    running = await startFront((_request, response) => response.end('done'), { MAX_HEADERS: '10' });
    const headers = (count: number) => 'a: b\r\n'.repeat(count);
    const wire = Wire.to(running.url);
    wire.send(GET.slice(0, -2) + headers(9) + '\r\n' + GET.slice(0, -2) + headers(10) + '\r\n');

    expect(readAnswers(await wire.all())).toMatchObject([{ status: 200 }, { status: 431 }]);
  });
});

it('is warned of once where connections are refused', async () => {
  const server = await ReferenceServer.start({ inHost: true, env: { STORAGE: 'memory', MAX_CONNECTIONS: '1' } });
  const wire = await Wire.to(server.url).send(GET).waitFor(/null}/);
  for (let n = 0; n < 3; n++) expect(await Wire.to(server.url).send(GET).all()).toBe('');
  await once(wire.socket.destroy(), 'close');
  await server.discard();

  expect(server.logLines.filter(({ connections }) => connections !== undefined)).toMatchObject([
    { level: 40, connections: 1, msg: expect.stringContaining('MAX_CONNECTIONS') },
  ]);
  await cleanUp();
});
