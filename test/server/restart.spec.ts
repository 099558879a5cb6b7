import { afterAll, describe, expect, it } from '@jest/globals';
import { BrowserClient } from '../support/browser/browser-client.js';
import { cleanUp, ReferenceServer, temporaryDirectory } from '../support/servers/reference-server.js';

describe('a restart', () => {
  afterAll(cleanUp);

  it('keeps sessions, and keeps ended ones ended', async () => {
    const directory = await temporaryDirectory();
    const before = await ReferenceServer.start({ directory });
    const kept = new BrowserClient(before.url);
    const ended = new BrowserClient(before.url);
    await kept.post('/api/code', { code: 'kept' });
    await ended.post('/api/code', { code: 'ended' });
    const session = (await kept.get('/api/session')).json();
    const cookies = [kept, ended].map((client) => `sid=${client.cookies.get('sid')}`);
    await ended.post('/api/session/end');
    expect((await before.kill('SIGTERM')).code).toBe(0);

    const after = await ReferenceServer.start({ inHost: true, directory });
    const [keptAfter, endedAfter] = cookies.map((cookie) => new BrowserClient(after.url, { cookie }));
    expect((await keptAfter!.get('/api/code')).json()).toEqual({ result: 'kept' });
    expect((await keptAfter!.get('/api/session')).json()).toMatchObject({
      handle: session['handle'],
      createdAt: session['createdAt'],
      absoluteExpiresAt: session['absoluteExpiresAt'],
    });
    expect((await endedAfter!.get('/api/session')).json()).toEqual({ active: false });
  });
});
