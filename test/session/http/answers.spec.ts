import { expect, it } from '@jest/globals';
import { Agent, request, type ServerResponse } from 'node:http';
import { Controller, Get, Req, Res, type INestApplication } from '@nestjs/common';
import type { Session } from 'nest-gatehouse/session';
import type { HandlerRequest, HandlerResponse } from '../../support/apps/actions.js';
import { onEveryCombination } from '../../support/apps/session-app.js';

/** Both platforms' own response has, or is, Node's. */
type PlatformResponse = ServerResponse & { readonly raw?: ServerResponse; hijack?(): void };

function rawOf(response: PlatformResponse): ServerResponse {
  response.hijack?.();
  return response.raw ?? response;
}

@Controller()
class AnswersController {
  @Get('put')
  put(@Req() { session }: HandlerRequest): string {
    (session as Session).n = Number((session as Session).n ?? 0) + 1;
    return 'put';
  }

  @Get('unchanged')
  unchanged(@Req() { session }: HandlerRequest, @Res({ passthrough: true }) response: HandlerResponse): void {
    (session as Session).unchanged = 1;
    response.status(304);
  }

  @Get('look')
  look(@Req() { session }: HandlerRequest): unknown {
    return session;
  }

  @Get('head')
  head(@Req() { session }: HandlerRequest, @Res() response: PlatformResponse): void {
    (session as Session).head = 1;
    rawOf(response)
      .writeHead(201, 'Made', { 'content-type': 'text/plain', 'set-cookie': ['a=1', 'b=2'], 'x-own': 'yes' })
      .end('by hand');
  }

  @Get('list')
  list(@Req() { session }: HandlerRequest, @Res() response: PlatformResponse): void {
    (session as Session).list = 1;
    rawOf(response).writeHead(200, ['Content-Type', 'text/plain', 'X-Own', 'yes']).end('by list');
  }

  @Get('pieces')
  pieces(@Req() { session }: HandlerRequest, @Res() response: PlatformResponse): void {
    const raw = rawOf(response);
    (session as Session).pieces = 1;
    raw.flushHeaders();
    raw.write('one ');
    raw.write(Buffer.from('two '), () => {
      (session as Session).late = 1;
      raw.end('three');
    });
  }

  @Get('empty')
  empty(@Req() { session }: HandlerRequest, @Res() response: PlatformResponse): void {
    (session as Session).empty = 1;
    const raw = rawOf(response);
    raw.statusCode = 204;
    raw.end();
  }
}

/** As compression does: stands before `write` and `end`, and calls on when it likes. */
function shouting(_: unknown, response: ServerResponse, next: () => void): void {
  const end = response.end.bind(response) as (text: string) => ServerResponse;
  const held: string[] = [];
  response.write = ((chunk: string | Buffer) => held.push(String(chunk)) > 0) as typeof response.write;
  response.end = ((chunk?: string | Buffer) => {
    if (!response.headersSent) response.removeHeader('content-length');
    setImmediate(() => end((held.join('') + String(chunk ?? '')).toUpperCase()));
    return response;
  }) as typeof response.end;
  next();
}

onEveryCombination('an answer', (start) => {
  const begin = async (prepare?: (app: INestApplication) => void) => {
    const app = await start({ controllers: [AnswersController], prepare });
    return { app, visitor: app.browser() };
  };

  it('to HEAD keeps what a GET would, and has no body', async () => {
    const { visitor } = await begin();
    const answer = await visitor.request('HEAD', '/put');
    expect([answer.status, answer.text, answer.setCookies.length]).toEqual([200, '', 1]);
    expect((await visitor.get('/look')).json()).toEqual({ n: 1 });
  });

  it('of 304 keeps what its handler changed', async () => {
    const { visitor } = await begin();
    const answer = await visitor.get('/unchanged');
    expect([answer.status, answer.text, answer.setCookies.length]).toEqual([304, '', 1]);
    expect((await visitor.get('/look')).json()).toEqual({ unchanged: 1 });
  });

  it('written by hand begins a session beside its own cookies and headers', async () => {
    const { visitor } = await begin();
    const answer = await visitor.get('/head');
    expect([answer.status, answer.text, answer.headers.get('x-own')]).toEqual([201, 'by hand', 'yes']);
    expect(answer.setCookies.map((line) => line.split('=')[0])).toEqual(['a', 'b', 'sid']);
    expect((await visitor.get('/look')).json()).toEqual({ head: 1 });
    const list = await visitor.get('/list');
    expect([list.text, list.headers.get('x-own'), list.headers.get('cache-control')]).toEqual([
      'by list',
      'yes',
      'no-store',
    ]);
    expect((await visitor.get('/look')).json()).toEqual({ head: 1, list: 1 });
  });

  it('sent in pieces arrives in their order, with what changed between them', async () => {
    const { visitor } = await begin();
    const answer = await visitor.get('/pieces');
    expect([answer.text, answer.setCookies.length]).toEqual(['one two three', 1]);
    expect((await visitor.get('/look')).json()).toEqual({ pieces: 1, late: 1 });
  });

  it('without a body keeps the session too', async () => {
    const { visitor } = await begin();
    expect((await visitor.get('/empty')).status).toBe(204);
    expect((await visitor.get('/look')).json()).toEqual({ empty: 1 });
  });

  it('by hand that cannot be saved is replaced as a whole', async () => {
    const { app, visitor } = await begin();
    app.store.set('rejects', 'insert');
    for (const path of ['/head', '/list', '/pieces', '/empty']) {
      const answer = await visitor.get(path);
      expect([path, answer.status, answer.setCookies, answer.json().code]).toEqual([
        path,
        503,
        [],
        'store_unavailable',
      ]);
    }
  });

  it('that middleware rewrites, as compression does, keeps the session', async () => {
    const { visitor } = await begin((app) => void app.use(shouting));
    const answer = await visitor.get('/put');
    expect([answer.text, answer.setCookies.length]).toEqual(['PUT', 1]);
    expect((await visitor.get('/look')).text).toBe('{"N":1}');
  });

  it('follows another on one connection, each with its own session', async () => {
    const { app } = await begin();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const get = (path: string, cookie = '') =>
      new Promise<{ cookie: string; text: string }>((resolve, reject) => {
        const headers: Record<string, string> = cookie ? { cookie } : {};
        request(app.url + path, { agent, headers }, (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => (text += chunk.toString()));
          response.on('end', () => resolve({ cookie: response.headers['set-cookie']?.[0]?.split(';')[0] ?? '', text }));
        })
          .on('error', reject)
          .end();
      });
    const ada = (await get('/put')).cookie;
    const bob = (await get('/put')).cookie;
    await get('/put', ada);
    expect([(await get('/look')).text, (await get('/look', ada)).text, (await get('/look', bob)).text]).toEqual([
      '{}',
      '{"n":2}',
      '{"n":1}',
    ]);
    agent.destroy();
  });

  it('is found by the middleware of main.ts as well', async () => {
    const { visitor } = await begin((app) => {
      app.use((incoming: HandlerRequest, _: unknown, next: () => void) => {
        (incoming.session as Session).seen = incoming.sessionID === (incoming.session as Session).id;
        next();
      });
    });
    expect((await visitor.get('/look')).json()).toEqual({ seen: true });
    expect((await visitor.get('/look')).json()).toEqual({ seen: true });
  });
});
