import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { LiveStreams, type StreamTarget } from 'nest-gatehouse/admin';
import type { BrowserClient } from '../support/browser/browser-client.js';
import { MINUTE } from '../support/apps/fake-clock.js';
import { onEveryPlatform, type AdminApp } from './support/admin-app.js';
import { EventStream } from './support/event-stream.js';

const open: EventStream[] = [];

afterEach(() => {
  for (const stream of open.splice(0)) stream.close();
});

async function listen(app: AdminApp, client: BrowserClient): Promise<EventStream> {
  const cookie = [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const stream = await EventStream.open(`${app.url}/admin/api/live`, { cookie, accept: 'text/event-stream' });
  open.push(stream);
  return stream;
}

/** What the overview shows of the sessions. */
function figuresOf(html: string): Record<string, string> {
  const figures = html.matchAll(/data-live="sessions\.(\w+)">([^<]*)</g);
  return Object.fromEntries([...figures].map(([, name = '', value = '']) => [name, value]));
}

const sorted = (object: object) => Object.keys(object).sort();

onEveryPlatform('GET /admin/api/live', (start) => {
  it('sends the figures at once, then again and again, as nothing that may be kept', async () => {
    const app = await start();
    const ada = await app.signedIn('ada', 'admin');
    const stream = await listen(app, ada);
    expect([stream.response.status, stream.response.headers.get('content-type')]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
    ]);
    expect(stream.response.headers.get('cache-control')).toBe('no-store');
    const first = await stream.message(0);
    expect(sorted(first)).toEqual(sorted((await ada.get('/admin/api/stats')).json()));
    expect(first).toMatchObject({ sessions: { live: 1, signedIn: 1, anonymous: 0 } });
    await app.signedIn('alice');
    expect(await stream.message(1)).toMatchObject({
      sessions: { live: 2, signedIn: 2, anonymous: 0 },
      perMinute: { logins: { ok: 2 } },
    });
  });

  it('asks the store no more often for fifty streams than for one, and never while nobody listens', async () => {
    const app = await start();
    const ada = await app.signedIn('ada', 'admin');
    const streams = await Promise.all(Array.from({ length: 50 }, () => listen(app, ada)));
    await Promise.all(streams.map((stream) => stream.message(2)));
    // All, signed-in and anonymous ones, at each of three moments, or one more where this machine is slow.
    const counts = app.operations.filter((operation) => operation === 'count').length;
    expect(counts % 3).toBe(0);
    expect(counts).toBeLessThanOrEqual(12);
    for (const stream of streams) stream.close();
    await Promise.all(streams.map(({ ended }) => ended));
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    const before = app.operations.length;
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    // Of its own accord the application looks for jobs and ends whose process died.
    expect(app.operations.slice(before).filter((operation) => !/^(jobs|ends)\./.test(operation))).toEqual([]);
  });

  it.each([
    ['its user signs out', (app: AdminApp, ada: BrowserClient) => ada.post('/auth/logout').then(() => app)],
    ['the session is ended', async (app: AdminApp, _ada: BrowserClient, handle: string) => app.sessions.end(handle)],
    ['the account is disabled', async ({ users }: AdminApp) => users.disable((await users.find('ada'))!.id)],
    ['the role is taken away', async ({ users }: AdminApp) => users.setRoles((await users.find('ada'))!.id, [])],
    ['the application stops', async ({ app }: AdminApp) => app.close()],
  ])('ends when %s', async (_when, act) => {
    const app = await start();
    await app.signedIn('grace', 'admin');
    const ada = await app.signedIn('ada', 'admin');
    const [handle = ''] = ada.cookies.get('sid')!.split('.');
    const stream = await listen(app, ada);
    await stream.message(0);
    await act(app, ada, handle);
    await stream.ended;
  });

  it('answers HEAD with the head alone', async () => {
    const app = await start();
    const ada = await app.signedIn('ada', 'admin');
    const answer = await ada.request('HEAD', '/admin/api/live');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
  });

  it('goes on for who keeps the right to it', async () => {
    const app = await start();
    const ada = await app.signedIn('ada', 'admin');
    const other = await app.signedIn('grace', 'admin', 'editor');
    const [lost, kept] = [await listen(app, ada), await listen(app, other)];
    await Promise.all([lost.message(0), kept.message(0)]);
    await app.users.setRoles((await app.users.find('grace'))!.id, ['admin']);
    await app.users.disable((await app.users.find('ada'))!.id);
    await lost.ended;
    const seen = kept.messages.length;
    await kept.message(seen + 1);
  });

  it('keeps no overview waiting for a store that counts slowly', async () => {
    const app = await start();
    const ada = await app.signedIn('ada', 'admin');
    let answer = (_count: number) => undefined as void;
    const counted = new Promise<number>((resolve) => (answer = resolve));
    const count = jest.spyOn(app.sessions, 'count').mockReturnValue(counted);
    const early = await ada.get('/admin');
    expect([early.status, figuresOf(early.text), early.text.includes('They are being counted.')]).toEqual([
      200,
      { live: '…', signedIn: '…', anonymous: '…' },
      true,
    ]);
    answer(7);
    await counted;
    const late = await ada.get('/admin');
    expect([figuresOf(late.text), late.text.includes('They are being counted.')]).toEqual([
      { live: '7', signedIn: '7', anonymous: '7' },
      false,
    ]);
    // The first counting went on for whoever asked next.
    expect(count).toHaveBeenCalledTimes(3);
  });

  it('does not count as use of its session, nor keep its lock', async () => {
    const app = await start({ session: { idleTimeout: '30m', touchInterval: '1m', locking: 'early' } });
    const ada = await app.signedIn('ada', 'admin');
    const [handle = ''] = ada.cookies.get('sid')!.split('.');
    const { idleExpiresAt } = (await app.sessions.read(handle))!;
    app.clock.advance(10 * MINUTE);
    const stream = await listen(app, ada);
    await stream.message(0);
    expect((await app.sessions.read(handle))!.idleExpiresAt).toBe(idleExpiresAt);
    expect((await ada.get('/admin/api/stats')).status).toBe(200);
    expect((await app.sessions.read(handle))!.idleExpiresAt).toBeGreaterThan(idleExpiresAt);
    app.clock.advance(31 * MINUTE);
    await stream.ended;
  });

  it('sends a sign of life while the store does not answer', async () => {
    const app = await start();
    const ada = await app.signedIn('ada', 'admin');
    const { sessions } = app;
    const count = sessions.count.bind(sessions);
    Object.assign(sessions, { count: () => Promise.reject(new Error('down')) });
    const stream = await listen(app, ada);
    await stream.settled((text) => text.includes('\n\n:\n\n'));
    expect(stream.messages).toEqual([]);
    Object.assign(sessions, { count });
    expect(await stream.message(0)).toMatchObject({ sessions: { live: 1 } });
  });
});

describe('A client that does not read', () => {
  afterEach(() => void jest.useRealTimers());

  it('is sent nothing more, and is dropped after half a minute', async () => {
    jest.useFakeTimers();
    const streams = new LiveStreams({ read: () => Promise.resolve({}) } as never);
    const target = (writableNeedDrain: boolean) => ({
      writableNeedDrain,
      write: jest.fn(() => true),
      end: jest.fn(),
      destroy: jest.fn(),
    });
    const [stuck, reader] = [target(true), target(false)];
    await streams.open(stuck satisfies StreamTarget);
    await streams.open(reader);
    await jest.advanceTimersByTimeAsync(28_000);
    expect([stuck.write.mock.calls.length, stuck.destroy.mock.calls.length]).toEqual([1, 0]);
    await jest.advanceTimersByTimeAsync(4_000);
    expect([stuck.write.mock.calls.length, stuck.destroy.mock.calls.length]).toEqual([1, 1]);
    expect([reader.write.mock.calls.length, reader.destroy.mock.calls.length]).toEqual([17, 0]);
    streams.close();
    expect(reader.end).toHaveBeenCalledTimes(1);
    expect(jest.getTimerCount()).toBe(0);
    const late = target(false);
    await streams.open(late);
    expect([late.write.mock.calls.length, late.end.mock.calls.length]).toEqual([0, 1]);
  });
});
