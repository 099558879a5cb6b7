import { expect, it } from '@jest/globals';
import type { Server, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { Controller, Get, Req, Sse, StreamableFile } from '@nestjs/common';
import { Session } from 'nest-gatehouse/session';
import { concat, defer, of, type Observable } from 'rxjs';
import { actions, type HandlerRequest } from '../../support/apps/actions.js';
import { Latch, until } from '../../support/latch.js';
import { openRequest } from '../../support/browser/raw-http.js';
import { onEveryCombination } from '../../support/apps/session-app.js';

const show = (_: HandlerRequest, session: Session) => session;
const put = (_: HandlerRequest, session: Session) => void (session.n = 1);
const MEGABYTE = 1024 * 1024;

function page(...parts: (() => string)[]): StreamableFile {
  const text = function* () {
    for (const part of parts) yield part();
  };
  return new StreamableFile(Readable.from(text(), { objectMode: false }), { type: 'text/plain' });
}

async function* afterwards(latch: Latch) {
  await latch.opened;
  yield 'too late';
}

onEveryCombination('a streamed answer', (start) => {
  it('keeps what it changes before the first chunk and after it', async () => {
    const controller = actions({
      put,
      show,
      page: (_, session) =>
        page(
          () => ((session.early = 1), 'first '),
          () => ((session.late = 1), 'second'),
        ),
    });
    const visitor = (await start({ controllers: [controller] })).browser();
    await visitor.get('/put');
    expect((await visitor.get('/page')).text).toBe('first second');
    expect((await visitor.get('/show')).json()).toEqual({ n: 1, early: 1, late: 1 });
  });

  it('begins a session in its first chunk', async () => {
    const controller = actions({ show, page: (_, session) => page(() => ((session.early = 1), 'x')) });
    const visitor = (await start({ controllers: [controller] })).browser();
    expect((await visitor.get('/page')).setCookies).toHaveLength(1);
    expect((await visitor.get('/show')).json()).toEqual({ early: 1 });
  });

  it('of 5xx keeps nothing, neither before its first chunk nor after', async () => {
    const controller = actions({
      put,
      show,
      page: (_, session, response) => (
        response.status(500),
        page(
          () => ((session.early = 1), 'sorry '),
          () => ((session.late = 1), 'again'),
        )
      ),
    });
    const visitor = (await start({ controllers: [controller] })).browser();
    await visitor.get('/put');
    expect(await visitor.get('/page')).toMatchObject({ status: 500, text: 'sorry again' });
    expect((await visitor.get('/show')).json()).toEqual({ n: 1 });
  });

  it('of many megabytes arrives whole, at the pace of the reader', async () => {
    const chunk = Buffer.alloc(MEGABYTE / 4, 'x');
    const controller = actions({
      put,
      show,
      big: (_, session) => (
        (session.big = 1),
        new StreamableFile(Readable.from(Array.from({ length: 64 }, () => chunk)))
      ),
    });
    const visitor = (await start({ controllers: [controller], session: { locking: 'implicit' } })).browser();
    await visitor.get('/put');
    expect((await visitor.get('/big')).text).toHaveLength(16 * MEGABYTE);
    expect((await visitor.get('/show')).json()).toEqual({ n: 1, big: 1 });
  });

  it('that its client leaves half-way lets go of the lock', async () => {
    const latch = new Latch();
    const controller = actions({
      put,
      show,
      wait: () =>
        new StreamableFile(
          Readable.from(
            (async function* () {
              yield Buffer.alloc(MEGABYTE, 'x');
              await latch.opened;
              yield 'second';
            })(),
          ),
        ),
    });
    const app = await start({ controllers: [controller], session: { locking: 'implicit', lockWait: '20s' } });
    const visitor = app.browser();
    await visitor.get('/put');
    const leaver = openRequest(`${app.url}/wait`, { cookie: `sid=${visitor.cookies.get('sid')}` }, 'GET');
    leaver.finish();
    await until('the lock is held', () => app.store.calls.includes('acquire'));
    const next = visitor.get('/show');
    await until('the next one waits', () => app.store.calls.filter((call) => call === 'acquire').length === 2);
    leaver.abort();
    expect((await next).json()).toEqual({ n: 1 });
    latch.open();
  });

  it('that its client does not wait for keeps no lock that it gets afterwards', async () => {
    const latch = new Latch();
    const never = new Latch();
    const controller = actions({
      put,
      show,
      hold: () => latch.opened,
      endless: () => new StreamableFile(Readable.from(afterwards(never))),
    });
    const app = await start({ controllers: [controller], session: { locking: 'implicit', lockWait: '20s' } });
    const responses: ServerResponse[] = [];
    const server = app.app.getHttpServer() as Server;
    server.on('request', (_request, response) => void responses.push(response));
    const acquired = () => app.store.calls.filter((call) => call === 'acquire').length;
    const visitor = app.browser();
    await visitor.get('/put');
    const holder = visitor.get('/hold');
    await until('the lock is held', () => acquired() === 1);
    const leaver = openRequest(`${app.url}/endless`, { cookie: `sid=${visitor.cookies.get('sid')}` }, 'GET');
    leaver.finish();
    await until('its request waits', () => acquired() === 2);
    leaver.abort();
    await until('it has left', () => responses.at(-1)!.closed);
    latch.open();
    await holder;
    expect((await visitor.get('/show')).json()).toEqual({ n: 1 });
    never.open();
  });
});

onEveryCombination('server-sent events', (start) => {
  function feed(events: (session: Session) => Observable<{ data: string }>) {
    @Controller()
    class FeedController {
      @Sse('events')
      events(@Session() session: Session): Observable<{ data: string }> {
        session.opened = 1;
        return events(session);
      }

      @Get('show')
      show(@Req() request: HandlerRequest): unknown {
        return request.session;
      }
    }
    return FeedController;
  }

  it('begin a session, and keep what changes while they flow', async () => {
    const controller = feed((session) =>
      concat(
        of({ data: 'one' }),
        defer(() => ((session.late = 1), of({ data: 'two' }))),
      ),
    );
    const visitor = (await start({ controllers: [controller] })).browser();
    const answer = await visitor.get('/events');
    expect(answer.text).toMatch(/data: one[\s\S]*data: two/);
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    expect(answer.setCookies).toHaveLength(1);
    expect((await visitor.get('/show')).json()).toEqual({ opened: 1, late: 1 });
  });

  it('are refused as a whole when what they keep cannot be stored', async () => {
    const app = await start({ controllers: [feed(() => of({ data: 'one' }))] });
    app.store.set('throws', 'insert');
    const answer = await app.browser().get('/events');
    expect([answer.status, answer.json().code, answer.setCookies]).toEqual([503, 'store_unavailable', []]);
  });

  it('hold the lock to their end, and no longer', async () => {
    const app = await start({
      controllers: [feed(() => of({ data: 'one' }))],
      session: { locking: 'implicit', lockWait: '10s' },
    });
    const visitor = app.browser();
    await visitor.get('/events');
    await visitor.get('/events');
    await visitor.get('/events');
    expect((await visitor.get('/show')).json()).toEqual({ opened: 1 });
  });
});
