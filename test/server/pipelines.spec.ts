import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { setImmediate as turn } from 'node:timers/promises';
import { cleanUp, ReferenceServer } from '../support/servers/reference-server.js';
import { answersTo, headerOf, readAnswers, Wire, type WireAnswer } from '../support/browser/wire.js';

const GET = 'GET /api/code HTTP/1.1\r\nHost: x\r\n\r\n';
const SLOW = `GET /api/code HTTP/1.1\r\nHost: x\r\nCookie: sid=${'h'.repeat(22)}.${'s'.repeat(43)}\r\n\r\n`;
const post = (body: string, type = 'x-www-form-urlencoded') =>
  `POST /api/code HTTP/1.1\r\nHost: x\r\nContent-Type: application/${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const CHUNKED =
  'POST /api/code HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n';

interface Valid {
  readonly method: string;
  readonly bytes: string;
  readonly status: number;
  readonly body: RegExp;
}

const valid: readonly Valid[] = [
  { method: 'GET', bytes: GET, status: 200, body: /^{"result":null}$/ },
  { method: 'GET', bytes: SLOW, status: 200, body: /^{"result":null}$/ },
  { method: 'GET', bytes: GET.replace('/api/code', '/health/live'), status: 200, body: /^{"status":"ok"}$/ },
  { method: 'GET', bytes: GET.replace('/api/code', '/none'), status: 404, body: /"code":"not_found"/ },
  { method: 'GET', bytes: GET.replace('/api/code', '/%'), status: 400, body: /"code":"invalid_url"/ },
  { method: 'HEAD', bytes: GET.replace('GET', 'HEAD'), status: 200, body: /^$/ },
  { method: 'HEAD', bytes: SLOW.replace('GET', 'HEAD'), status: 200, body: /^$/ },
  { method: 'POST', bytes: post('code=x'), status: 200, body: /^{"result":"set"}$/ },
  { method: 'POST', bytes: post('{"code":', 'json'), status: 400, body: /"code":"invalid_json"/ },
  { method: 'POST', bytes: `${CHUNKED}6\r\ncode=x\r\n0\r\n\r\n`, status: 200, body: /^{"result":"set"}$/ },
  { method: 'DELETE', bytes: GET.replace('GET', 'DELETE'), status: 405, body: /"code":"method_not_allowed"/ },
];

interface Garbage {
  readonly bytes: string;
  readonly status: number;
  readonly code: string;
}

const garbage: readonly Garbage[] = [
  { bytes: 'hunter2\r\n\r\n', status: 400, code: 'bad_request' },
  { bytes: '\x00\x01\xfe\xff', status: 400, code: 'bad_request' },
  { bytes: 'get / HTTP/1.1\r\nHost: x\r\n\r\n', status: 400, code: 'bad_request' },
  { bytes: 'GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n', status: 400, code: 'bad_request' },
  { bytes: `GET / HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(20_000)}\r\n\r\n`, status: 431, code: 'headers_too_large' },
  { bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', status: 400, code: 'bad_request' },
  { bytes: 'CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n', status: 405, code: 'method_not_allowed' },
  { bytes: `${CHUNKED}hunter2`, status: 400, code: 'bad_request' },
  { bytes: `${CHUNKED}1;${'x'.repeat(20_000)}\r\nc\r\n0\r\n\r\n`, status: 413, code: 'body_too_large' },
  { bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', status: 400, code: 'bad_request' },
];

const pipeline = fc.record({
  before: fc.array(fc.constantFrom(...valid), { maxLength: 8 }),
  fault: fc.constantFrom(...garbage),
  after: fc.array(fc.constantFrom(...valid), { maxLength: 2 }),
  pieces: fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 6 }),
  isHalfClosed: fc.boolean(),
});

describe.each(['fastify', 'express'])('pipelined requests, on %s', (HTTP_ADAPTER) => {
  let server: ReferenceServer;

  beforeAll(async () => {
    server = await ReferenceServer.start({
      inHost: true,
      preload: ['test/support/servers/slow-store.mjs'],
      env: { HTTP_ADAPTER, STORAGE: 'memory', TEST_STORE_DELAY: '20', LOG_LEVEL: 'error' },
    });
  });

  afterAll(cleanUp);

  function expectAnswers(answers: readonly WireAnswer[], requests: readonly Valid[]): void {
    expect(answers.map(({ status }) => status)).toEqual(requests.map(({ status }) => status));
    for (const [at, { body }] of requests.entries()) expect(answers[at]!.body).toMatch(body);
  }

  function expectFault(answer: WireAnswer | undefined, { status, code }: Garbage): void {
    expect(answer).toMatchObject({ status });
    expect(JSON.parse(answer!.body)).toMatchObject({ status, code });
    expect(headerOf(answer!, 'connection')).toBe('close');
  }

  it('are all answered, in order, before what is no request', async () => {
    await fc.assert(
      fc.asyncProperty(pipeline, async ({ before, fault, after, pieces, isHalfClosed }) => {
        const wire = Wire.to(server.url);
        let rest = [...before, fault, ...after].map(({ bytes }) => bytes).join('');
        for (const length of pieces) {
          wire.send(rest.slice(0, length));
          rest = rest.slice(length);
          await turn();
        }
        wire.send(rest);
        if (isHalfClosed) wire.halfClose();
        const answers = readAnswers(
          await wire.all(),
          before.map(({ method }) => method),
        );
        expectAnswers(answers.slice(0, -1), before);
        expectFault(answers.at(-1), fault);
      }),
      { numRuns: 150 },
    );
    expect(server.logLines).toEqual([]);
  });

  it.each(garbage.map((fault) => [fault.bytes.slice(0, 40), fault] as const))(
    'are answered before %j',
    async (_name, fault) => {
      const answers = await answersTo(server.url, SLOW + GET + fault.bytes);

      expectAnswers(answers.slice(0, -1), [valid[1]!, valid[0]!]);
      expectFault(answers.at(-1), fault);
    },
  );

  it('are answered where the client has closed its side', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...valid), { minLength: 1, maxLength: 6 }), async (requests) => {
        const wire = Wire.to(server.url)
          .send(requests.map(({ bytes }) => bytes).join(''))
          .halfClose();
        const answers = readAnswers(
          await wire.all(),
          requests.map(({ method }) => method),
        );
        expectAnswers(answers, requests);
      }),
      { numRuns: 30 },
    );
  });

  it('are answered before half a request that is all there is', async () => {
    for (const half of [
      'GET /api/co',
      'GET /api/code HTTP/1.1\r\nHost',
      `${CHUNKED}6\r\ncode`,
      post('code=x').slice(0, -1),
    ]) {
      const wire = Wire.to(server.url)
        .send(SLOW + GET + half)
        .halfClose();
      const answers = readAnswers(await wire.all());

      expectAnswers(answers.slice(0, -1), [valid[1]!, valid[0]!]);
      expectFault(answers.at(-1), garbage[0]!);
    }
  });

  it('end where the client has asked for it', async () => {
    const closing = SLOW.replace('Host: x', 'Host: x\r\nConnection: close');
    expectAnswers(await answersTo(server.url, closing + GET), [valid[1]!]);
    expectAnswers(await answersTo(server.url, `${closing}hunter2\r\n\r\n`), [valid[1]!]);
  });

  it('keep the whole of a large answer whose client is slow to read it', async () => {
    const file = /\/docs\/assets\/swagger-ui-bundle\.js\?v=[\w-]+/;
    const page = await (await fetch(`${server.url}/docs`)).text();
    const large = await (await fetch(server.url + file.exec(page)![0])).text();
    const wire = Wire.to(server.url);
    wire.socket.pause();
    wire.send(`GET ${file.exec(page)![0]} HTTP/1.1\r\nHost: x\r\n\r\n${SLOW}hunter2\r\n\r\n${'x'.repeat(300_000)}`);
    wire.socket.resume();
    const answers = readAnswers(await wire.all());

    expect(answers).toHaveLength(3);
    expect(Buffer.from(answers[0]!.body, 'latin1').toString('utf8')).toBe(large);
    expectAnswers(answers.slice(1, 2), [valid[1]!]);
    expectFault(answers[2], garbage[0]!);
  });

  it('leave an idle connection usable until garbage comes', async () => {
    const wire = await Wire.to(server.url)
      .send(GET)
      .waitFor(/null}$/);
    await wire.send(GET).waitFor(/null}[^]*null}$/);
    const answers = readAnswers(await wire.send('hunter2\r\n\r\n').all());

    expectAnswers(answers.slice(0, -1), [valid[0]!, valid[0]!]);
    expectFault(answers.at(-1), garbage[0]!);
  });
});
