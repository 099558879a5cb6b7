import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Controller, Get, Req, Res } from '@nestjs/common';
import compression from 'compression';
import express from 'express';
import type { Session } from 'nest-gatehouse/session';
import { BrowserClient } from '../../support/browser/browser-client.js';
import type { HandlerRequest } from '../../support/apps/actions.js';
import { exchange, getRequest } from '../../support/browser/raw-http.js';
import { onEveryPlatform } from '../../support/apps/session-app.js';
import { watchCrashes } from './support/crashes.js';

/** What both platforms' answers can do, each in its own words. */
interface Answer {
  readonly raw?: ServerResponse;
  hijack?(): void;
  status(code: number): Answer;
  header(name: string, value: string): Answer;
  send(body: unknown): Answer;
}

function rawOf(answer: Answer): ServerResponse {
  answer.hijack?.();
  return answer.raw ?? (answer as unknown as ServerResponse);
}

function codeOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

function change({ session }: HandlerRequest): void {
  (session as Session).n = Number((session as Session).n ?? 0) + 1;
}

async function* parts() {
  for (const part of '12345678') {
    yield part;
    await pause(1);
  }
}

@Controller()
class OddController {
  @Get('thrown')
  thrown(@Req() request: HandlerRequest, @Res() answer: Answer): void {
    change(request);
    answer.send({ ok: true });
    throw new Error('after the answer');
  }

  @Get('twice')
  twice(@Req() request: HandlerRequest, @Res() answer: Answer): void {
    change(request);
    answer.send({ ok: true });
    answer.send({ again: true });
  }

  @Get('later')
  async later(@Req() request: HandlerRequest, @Res() answer: Answer): Promise<void> {
    change(request);
    answer.send({ ok: true });
    await pause(20);
    answer.status(500).send({ again: true });
  }

  @Get('late-head')
  lateHead(@Req() request: HandlerRequest, @Res() answer: Answer): void {
    change(request);
    answer.send({ ok: true });
    answer.status(500);
    answer.header('x-late', 'yes');
  }

  @Get('bad-end')
  badEnd(@Req() request: HandlerRequest, @Res() answer: Answer): void {
    change(request);
    const raw = rawOf(answer);
    const codes = [codeOf(() => raw.end(5)), codeOf(() => raw.writeHead(200, 'größer →'))];
    raw.statusMessage = '';
    raw.writeHead(200);
    codes.push(
      codeOf(() => raw.writeHead(201)),
      codeOf(() => raw.setHeader('x-late', 'yes')),
      codeOf(() => raw.write(null)),
    );
    raw.end(codes.join(' '));
  }

  @Get('pump')
  async pump(@Req() request: HandlerRequest, @Res() answer: Answer): Promise<void> {
    change(request);
    const raw = rawOf(answer);
    for await (const part of parts()) raw.write(part);
    raw.end();
  }

  @Get('links')
  links(@Res() answer: Answer): void {
    const raw = rawOf(answer);
    raw.writeHead(200, ['Link', '</a>', 'Link', '</b>']).end('links');
  }

  @Get('put')
  put(@Req() request: HandlerRequest): string {
    change(request);
    return 'p'.repeat(2_000);
  }

  @Get('show')
  show(@Req() request: HandlerRequest): unknown {
    return request.session;
  }
}

const crashes: Error[] = [];
let stopWatching: () => void;
beforeAll(() => void (stopWatching = watchCrashes((error) => crashes.push(error))));
afterAll(() => stopWatching());

onEveryPlatform('an application whose page of a refusal fails', (start) => {
  it('gives the problem document instead', async () => {
    const renderProblem = () => {
      throw new Error('no such template');
    };
    const app = await start({ controllers: [OddController], session: { renderProblem } });
    app.store.set('rejects', 'insert');
    const answer = await app.browser({ accept: 'text/html' }).get('/put');
    expect([answer.status, answer.json().code]).toEqual([503, 'store_unavailable']);
    expect(crashes).toEqual([]);
  });
});

onEveryPlatform('a handler', (start, { platform }) => {
  const begin = async () => {
    const app = await start({ controllers: [OddController] });
    return { app, visitor: app.browser() };
  };

  it.each(['thrown', 'twice', 'later'])('that answers, and then goes on (%s), ends nothing', async (path) => {
    const { visitor } = await begin();
    const answer = await visitor.get(`/${path}`);
    expect([answer.status, answer.text, answer.setCookies.length]).toEqual([200, '{"ok":true}', 1]);
    await pause(30);
    expect((await visitor.get('/show')).json()).toEqual({ n: 1 });
    expect(crashes).toEqual([]);
  });

  it('cannot change status and headers of an answer that it has given', async () => {
    const { visitor } = await begin();
    const answer = await visitor.get('/late-head');
    expect([answer.status, answer.text, answer.headers.get('x-late')]).toEqual([200, '{"ok":true}', null]);
    expect((await visitor.get('/show')).json()).toEqual({ n: 1 });
  });

  it('is told of a wrong argument where it gives it', async () => {
    const { visitor } = await begin();
    const answer = await visitor.get('/bad-end');
    const codes = [
      'ERR_INVALID_ARG_TYPE',
      'ERR_INVALID_CHAR',
      ...Array.from({ length: 2 }, () => 'ERR_HTTP_HEADERS_SENT'),
    ];
    expect([answer.status, answer.text]).toEqual([200, [...codes, 'ERR_STREAM_NULL_VALUES'].join(' ')]);
    expect((await visitor.get('/show')).json()).toEqual({ n: 1 });
    expect(crashes).toEqual([]);
  });

  it('that writes at the pace of its source keeps the order', async () => {
    const { app, visitor } = await begin();
    for (let round = 0; round < 5; round++) expect((await visitor.get('/pump')).text).toBe('12345678');
    const strangers = await Promise.all(Array.from({ length: 10 }, () => app.browser().get('/pump')));
    expect(strangers.map(({ text }) => text)).toEqual(Array.from({ length: 10 }, () => '12345678'));
  });

  // On Express there are headers already, and then Node itself keeps the last of a name.
  if (platform === 'fastify') {
    it('keeps both of two headers of one name, without any session', async () => {
      const { app } = await begin();
      const bytes = await exchange(app.url, getRequest('/links', []));
      expect(bytes.match(/^link: .*$/gim)).toEqual(['Link: </a>', 'Link: </b>']);
    });
    return;
  }

  describe('in an application that is mounted in another one', () => {
    async function mounted(prepare: (parent: express.Express) => void) {
      const { app } = await begin();
      const parent = express();
      prepare(parent);
      parent.use(app.app.getHttpAdapter().getInstance() as express.Express);
      const server = await new Promise<Server>((resolve) => {
        const listening: Server = parent.listen(0, '127.0.0.1', () => resolve(listening));
      });
      const { port } = server.address() as AddressInfo;
      return { visitor: new BrowserClient(`http://127.0.0.1:${port}`), server };
    }

    it('which compresses answers keeps its session', async () => {
      const { visitor, server } = await mounted((parent) => parent.use(compression({ threshold: 0 })));
      const answer = await visitor.get('/put');
      expect([answer.status, answer.text.length, answer.setCookies.length]).toEqual([200, 2_000, 1]);
      expect(answer.headers.get('content-encoding')).toBe('gzip');
      expect((await visitor.get('/show')).json()).toEqual({ n: 1 });
      server.close();
    });

    it('with sessions of its own, leaves each its own', async () => {
      const { app } = await begin();
      const inner = app.app.getHttpAdapter().getInstance() as express.Express;
      const outer = await start({
        session: { cookie: { name: 'outer' } },
        prepare: (parent) => {
          parent.use((request: HandlerRequest, _response: unknown, next: () => void) => (change(request), next()));
          parent.use('/inner', inner);
        },
      });
      const visitor = outer.browser();
      const answer = await visitor.get('/inner/put');
      expect([answer.status, answer.text.length, [...visitor.cookies.keys()].sort()]).toEqual([
        200,
        2_000,
        ['outer', 'sid'],
      ]);
      expect((await visitor.get('/inner/show')).json()).toEqual({ n: 1 });
      const handle = visitor.cookies.get('outer')!.slice(0, 22);
      expect((await outer.sessions.read(handle))?.data).toEqual({ n: 2 });
      outer.store.set('rejects', 'update');
      expect((await visitor.get('/inner/show')).status).toBe(503);
    });

    it('where somebody has wrapped end before, answers with its whole head', async () => {
      const { visitor, server } = await mounted((parent) =>
        parent.use((_request, response, next) => {
          const end = response.end.bind(response) as (...args: unknown[]) => express.Response;
          response.end = ((...args: unknown[]) => end(...args)) as typeof response.end;
          next();
        }),
      );
      const answer = await visitor.get('/put');
      expect([answer.status, answer.text.length, answer.setCookies.length]).toEqual([200, 2_000, 1]);
      expect(answer.headers.get('content-type')).toContain('text/html');
      expect((await visitor.get('/show')).json()).toEqual({ n: 1 });
      server.close();
    });
  });
});
