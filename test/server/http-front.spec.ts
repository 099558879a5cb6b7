import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect as connectTls } from 'node:tls';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { basePathOf } from 'nest-gatehouse/common';
import { Connections } from '../../src/http/connections.js';
import { startFront, type RunningFront } from '../support/apps/http-front.js';
import { until } from '../support/latch.js';
import { answersTo, headerOf, readAnswers, Wire } from '../support/browser/wire.js';

const GARBAGE = 'hunter2\r\n\r\n';
const get = (path: string, ...lines: string[]) =>
  ['GET ' + path + ' HTTP/1.1', 'Host: x', ...lines, '', ''].join('\r\n');
const chunked = (path: string, method = 'POST') =>
  `${method} ${path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`;

type Exchanges = Map<string, { request: IncomingMessage; response: ServerResponse }>;

describe('the HTTP server under both platforms', () => {
  let running: RunningFront;

  afterEach(() => running.close());

  /** A server whose answers the test gives by hand. */
  async function byHand(environment: Record<string, string> = {}): Promise<Exchanges> {
    const exchanges: Exchanges = new Map();
    running = await startFront(
      (request, response) => void exchanges.set(request.url!, { request, response }),
      environment,
    );
    return exchanges;
  }

  async function exchangeAt(exchanges: Exchanges, path: string) {
    await until(`${path} is asked for`, () => exchanges.has(path));
    return exchanges.get(path)!;
  }

  it('lets a stream under way end before it tells what else came', async () => {
    const exchanges = await byHand();
    const wire = Wire.to(running.url).send(get('/stream'));
    const { response } = await exchangeAt(exchanges, '/stream');
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: 1\n\n');
    await wire.waitFor(/data: 1/);
    wire.send(GARBAGE);
    for (let n = 2; n < 6; n++) {
      response.write(`data: ${n}\n\n`);
      await wire.waitFor(new RegExp(`data: ${n}`));
    }
    expect(wire.hasEnded).toBe(false);
    response.end();
    const [stream, problem, ...more] = readAnswers(await wire.all());

    expect(stream).toMatchObject({ status: 200, body: [1, 2, 3, 4, 5].map((n) => `data: ${n}\n\n`).join('') });
    expect(problem).toMatchObject({ status: 400, body: expect.stringContaining('bad_request') });
    expect(more).toEqual([]);
  });

  it('takes the path before it from the settings, or from a proxy that they trust', async () => {
    const basesFor = async (environment: Record<string, string>, ...prefixes: string[]) => {
      running = await startFront((request, response) => void response.end(basePathOf(request)), environment);
      const bases = prefixes.map(async (prefix) =>
        (await fetch(running.url, { headers: { 'x-forwarded-prefix': prefix } })).text(),
      );
      const found = await Promise.all(bases);
      await running.close();
      return found;
    };
    const given = ['/shop', '/shop, /inner', '//evil.example', '/shop/'];

    expect(await basesFor({ TRUST_PROXY: 'loopback' }, ...given)).toEqual(['/shop', '/shop', '', '']);
    expect(await basesFor({ TRUST_PROXY: '1' }, ...given)).toEqual(['/shop', '/shop', '', '']);
    expect(await basesFor({ TRUST_PROXY: '192.0.2.1' }, ...given)).toEqual(['', '', '', '']);
    expect(await basesFor({}, ...given)).toEqual(['', '', '', '']);
    expect(await basesFor({ TRUST_PROXY: 'loopback', BASE_PATH: '/own' }, ...given)).toEqual(Array(4).fill('/own'));
    await byHand();
  });

  it('keeps the order of answers that are given in another', async () => {
    const exchanges = await byHand();
    const wire = Wire.to(running.url).send(get('/1') + get('/2') + get('/3') + GARBAGE);
    await exchangeAt(exchanges, '/3');
    for (const path of ['/3', '/2', '/1']) exchanges.get(path)!.response.end(path);

    const answers = readAnswers(await wire.all());
    expect(answers.map(({ body }) => body)).toEqual(['/1', '/2', '/3', expect.stringContaining('bad_request')]);
  });

  it('answers for a request whose body is broken, in its place', async () => {
    const exchanges = await byHand();
    const wire = Wire.to(running.url).send(get('/1') + chunked('/2') + GARBAGE);
    await exchangeAt(exchanges, '/2');
    const { response: first } = exchanges.get('/1')!;
    const { response: second } = exchanges.get('/2')!;
    first.end('one');
    const answers = readAnswers(await wire.all());
    second.end('too late');

    expect(answers.map(({ status }) => status)).toEqual([200, 400]);
    expect(await answersTo(running.url, chunked('/3', 'HEAD') + GARBAGE, ['HEAD'])).toMatchObject([
      { status: 400, body: '' },
    ]);
  });

  it('gives no second answer where the broken request has one', async () => {
    const exchanges = await byHand();
    const wire = Wire.to(running.url).send(`${chunked('/1')}1\r\nx\r\n`);
    const { response } = await exchangeAt(exchanges, '/1');
    response.end('early');
    await wire.waitFor(/early/);
    wire.send(GARBAGE);

    expect(readAnswers(await wire.all())).toMatchObject([{ status: 200, body: 'early' }]);
  });

  it('lets an answer end that has begun before its request broke', async () => {
    const exchanges = await byHand();
    const wire = Wire.to(running.url).send(`${chunked('/1')}1\r\nx\r\n`);
    const { response } = await exchangeAt(exchanges, '/1');
    response.write('first ');
    await wire.waitFor(/first/);
    wire.send(GARBAGE);
    response.end('last');

    expect(readAnswers(await wire.all())).toMatchObject([{ status: 200, body: 'first last' }]);
  });

  it('closes on an answer that waits for a body which never comes', async () => {
    const exchanges = await byHand();
    const wire = Wire.to(running.url).send(`${chunked('/1')}1\r\nx\r\n`);
    const { response } = await exchangeAt(exchanges, '/1');
    response.write('first');
    await wire.waitFor(/first/);
    wire.send(GARBAGE);
    const bytes = await wire.all();

    expect(() => readAnswers(bytes)).toThrow();
    expect(bytes).not.toContain('bad_request');
  });

  it('shows a browser a page where its request is known', async () => {
    await byHand({ REQUEST_TIMEOUT: '100ms' });
    const wire = Wire.to(running.url).send(
      `POST / HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nContent-Length: 5\r\n\r\nx`,
    );

    expect(readAnswers(await wire.all())).toMatchObject([{ status: 408, body: '<h1>Request Timeout</h1>' }]);
  });

  it('gives the whole answer to a client that goes on sending', async () => {
    await byHand();
    const wire = Wire.to(running.url);
    wire.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50000000\r\n\r\n');
    for (let n = 0; n < 50; n++) wire.send('x'.repeat(100_000));

    expect(readAnswers(await wire.all())).toMatchObject([{ status: 413 }]);
  });

  it('sends all of a large answer that CONNECT is waiting behind', async () => {
    const exchanges = await byHand();
    const wire = Wire.to(running.url).send(`${get('/large')}CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n`);
    const { response } = await exchangeAt(exchanges, '/large');
    for (let n = 0; n < 100; n++) if (!response.write('x'.repeat(100_000))) await once(response, 'drain');
    response.end();
    const [large, refused] = readAnswers(await wire.all());

    expect(large!.body).toHaveLength(10_000_000);
    expect(refused).toMatchObject({ status: 405 });
  });

  it('answers pipelined requests when it stops, and closes after the last', async () => {
    const exchanges = await byHand();
    const wire = Wire.to(running.url).send(get('/1') + get('/2'));
    await exchangeAt(exchanges, '/2');
    running.front.connections.leave();
    wire.send(get('/3'));
    await exchangeAt(exchanges, '/3');
    for (const path of ['/1', '/2', '/3']) exchanges.get(path)!.response.end(path);
    const answers = readAnswers(await wire.all());

    expect(answers.map(({ body }) => body)).toEqual(['/1', '/2', '/3']);
    expect(answers.map((answer) => headerOf(answer, 'connection') === 'close')).toEqual([false, false, true]);
  });

  it('bears with a handler that has a will of its own about the connection', async () => {
    const exchanges = await byHand();
    const wire = Wire.to(running.url).send(get('/1'));
    const { response } = await exchangeAt(exchanges, '/1');
    running.front.connections.leave();
    response.writeHead(200, { connection: 'keep-alive' });
    response.write('first');
    await wire.waitFor(/first/);
    wire.send(get('/2'));
    const second = await exchangeAt(exchanges, '/2');
    response.end();
    second.response.end('second');

    expect(readAnswers(await wire.all()).map(({ body }) => body)).toEqual(['first', 'second']);
  });

  it('carries out no request behind an answer that closes', async () => {
    const exchanges = await byHand();
    const wire = Wire.to(running.url).send(get('/1'));
    const { response } = await exchangeAt(exchanges, '/1');
    response.writeHead(200, { connection: 'close' });
    response.write('first');
    await wire.waitFor(/first/);
    wire.send(get('/2'));
    wire.send(get('/3') + GARBAGE);
    response.end();

    expect(readAnswers(await wire.all())).toMatchObject([{ status: 200, body: 'first' }]);
    expect([...exchanges.keys()]).toEqual(['/1']);
  });
});

describe('the connections of a server that speaks TLS', () => {
  const psk = Buffer.from('a key that both sides have');

  it('are told of faults like others', async () => {
    // A shared key instead of a certificate. TLS 1.2: what it protects is not the matter here.
    const server = createTlsServer({
      ciphers: 'PSK',
      maxVersion: 'TLSv1.2',
      pskCallback: () => psk,
    });
    const connections = new Connections(server, (problem) => {
      const body = JSON.stringify(problem.problem);
      return `HTTP/1.1 ${problem.getStatus()} \r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    });
    server.on('request', (request, response) => {
      if (connections.admit(request, response)) setTimeout(() => response.end(request.url), 20);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as { port: number };
    const wire = new Wire(
      connectTls({
        host: '127.0.0.1',
        port,
        ciphers: 'PSK',
        maxVersion: 'TLSv1.2',
        pskCallback: () => ({ psk, identity: 'test' }),
        checkServerIdentity: () => undefined,
      }),
    );
    const answers = readAnswers(await wire.send(get('/1') + get('/2') + GARBAGE).all());

    expect(answers.map(({ body }) => body)).toEqual(['/1', '/2', expect.stringContaining('bad_request')]);
    const closed = once(server, 'close');
    server.close();
    connections.destroy();
    await closed;
  });
});
