import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { DynamicModule } from '@nestjs/common';
import type { Platform } from '../../support/apps/platforms.js';
import { MINUTE } from '../../support/apps/fake-clock.js';
import type { BrowserClient } from '../../support/browser/browser-client.js';
import { until } from '../../support/latch.js';
import { askByHttp, connectGraphql, type GraphqlSocket } from './graphql-client.js';
import { TestResolver, TICKS } from './graphql-resolver.js';
import { headersOf, startTransportApp, type TransportApp } from './transport-app.js';

/** What holds for resolvers with every driver, by HTTP and over graphql-ws. */
export function describeResolvers(title: string, platform: Platform, graphql: () => DynamicModule): void {
  describe(`Resolvers on ${title} (${platform})`, () => {
    let app: TransportApp;
    const sockets: GraphqlSocket[] = [];
    const open = async (client?: BrowserClient, origin?: string) => {
      const socket = await connectGraphql(app.url, headersOf(client, origin));
      sockets.push(socket);
      return socket;
    };
    const refusal = (code: string, status: number) => ({
      errors: [expect.objectContaining({ extensions: expect.objectContaining({ code, status }) as object })],
    });

    beforeAll(async () => {
      app = await startTransportApp({
        platform,
        imports: [graphql()],
        providers: [TestResolver],
        auth: { socketCheckInterval: '50ms' },
      });
      await app.signedIn(['admin']);
    });
    afterEach(() => {
      for (const socket of sockets.splice(0)) socket.end();
    });
    afterAll(() => app?.close());

    it('know who is signed in and what is in the session, by HTTP', async () => {
      const { client, username, handle } = await app.signedIn();
      expect(await askByHttp(client, '{ who session }')).toMatchObject({ data: { who: username, session: 'yes' } });
      await askByHttp(client, 'mutation { write(value: "by HTTP") }');
      expect((await app.sessions.read(handle))?.data.value).toBe('by HTTP');
      expect(await askByHttp(client, '{ read }')).toMatchObject({ data: { read: 'by HTTP' } });
      expect(await askByHttp(client, '{ admin }')).toMatchObject(refusal('forbidden', 403));
      expect(await askByHttp(app.browser(), '{ who }')).toMatchObject(refusal('not_signed_in', 401));
    });

    it('are subscribed to by users only, and by those who have the role', async () => {
      const { client, username, handle } = await app.signedIn();
      const [stranger, socket] = [await open(), await open(client)];
      expect(await stranger.ask('subscription { ticks }')).toMatchObject(refusal('not_signed_in', 401));
      expect(await socket.ask('subscription { adminTicks }')).toMatchObject(refusal('forbidden', 403));
      const listening = TICKS.listenerCount('tick');
      const ticks = socket.subscribe('subscription { ticks }');
      const next = ticks.next();
      await until('somebody has subscribed', () => TICKS.listenerCount('tick') > listening);
      TICKS.emit('tick', 'tock');
      expect((await next).value).toMatchObject({ data: { ticks: 'tock' } });
      expect((await app.sessions.read(handle))?.data.value).toBe(`subscribed by ${username}`);
      await ticks.return?.();
    });

    it('read and write on a socket what is in the session now', async () => {
      const { client, handle } = await app.signedIn();
      const socket = await open(client);
      expect(await socket.ask('{ session read }')).toMatchObject({ data: { session: 'yes', read: null } });
      await client.post('/value', { value: 'by HTTP' });
      expect(await socket.ask('{ read }')).toMatchObject({ data: { read: 'by HTTP' } });
      expect(await socket.ask('mutation { a: write(value: "1") b: write(value: "2") }')).toMatchObject({
        data: { a: 'done', b: 'done' },
      });
      expect((await app.sessions.read(handle))?.data.value).toBe('2');
    });

    it('store nothing for a client whose token nobody has', async () => {
      const stranger = await open();
      const before = await app.sessions.count();
      expect(await stranger.ask('mutation { write(value: "lost") }')).toMatchObject(
        refusal('no_session_on_socket', 409),
      );
      expect(await app.sessions.count()).toBe(before);
    });

    it('are refused, and their sockets closed, when the session ends', async () => {
      const ends: Record<string, (user: { id: string; client: BrowserClient; handle: string }) => Promise<unknown>> = {
        'signed out': ({ client }) => client.post('/auth/logout'),
        'ended by an administrator': ({ handle }) => app.sessions.end(handle),
        'the account is disabled': ({ id }) => app.users.disable(id),
        expired: async () => app.clock.advance(31 * MINUTE),
      };
      for (const [how, end] of Object.entries(ends)) {
        const user = await app.signedIn();
        const socket = await open(user.client);
        const listening = TICKS.listenerCount('tick');
        const next = socket.subscribe('subscription { ticks }').next();
        next.catch(() => undefined);
        await until('somebody has subscribed', () => TICKS.listenerCount('tick') > listening);
        await end(user);
        expect([how, await socket.closed]).toEqual([how, '1008 session_ended']);
        expect(await (await open(user.client)).ask('{ who }')).toMatchObject(refusal('not_signed_in', 401));
      }
    });

    it('are closed to pages of other sites', async () => {
      const { client, username } = await app.signedIn();
      await expect(open(client, 'https://evil.example')).rejects.toThrow('403');
      await until('the refusal is on record', () => app.audit.at(-1)?.type === 'cross_site.refused');
      expect(await (await open(client, app.url)).ask('{ who }')).toMatchObject({ data: { who: username } });
    });
  });
}
