import { Controller, Get, Post, Req } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { AdminModule } from 'nest-gatehouse/admin';
import { AuthModule, Public, UserService } from 'nest-gatehouse/auth';
import { COMMAND_LINE_ACTOR } from 'nest-gatehouse/auth/http';
import {
  MemoryStorageModule,
  type Session,
  SessionModule,
  SessionStorage,
  SessionSweeper,
} from 'nest-gatehouse/session';
import { z } from 'zod';
import { LOGIN, OTHER_PASSWORD, PASSWORD } from '../auth/support/auth-app.js';
import { HOUR, MINUTE } from '../support/apps/fake-clock.js';
import { startApp } from '../support/apps/platforms.js';
import { BrowserClient } from '../support/browser/browser-client.js';
import { onOnePlatform, type AdminApp } from './support/admin-app.js';
import { sharingApps } from '../support/apps/combinations.js';

type Visitor = Awaited<ReturnType<AdminApp['signedIn']>>;

interface Scene {
  readonly app: AdminApp;
  /** An administrator who signed in just now. */
  readonly root: () => Promise<Visitor>;
  readonly ann: Visitor;
  readonly annId: string;
  readonly handle: string;
}

interface Cause {
  readonly name: string;
  readonly reason: string;
  readonly by: { readonly kind: string; readonly name: string | null };
  readonly why: RegExp;
  bring(scene: Scene): Promise<unknown>;
}

const SYSTEM = { kind: 'system', name: null };
const ANN = { kind: 'user', name: 'ann' };
const ROOT = { kind: 'administrator', name: 'root' };

const CAUSES: readonly Cause[] = [
  {
    name: 'nobody used it',
    reason: 'idle',
    by: SYSTEM,
    why: /nobody used it until .*Z/,
    bring: async ({ app }) => app.clock.advance(31 * MINUTE),
  },
  {
    name: 'its time was over',
    reason: 'absolute',
    by: SYSTEM,
    why: /lived as long as any session may, until .*Z/,
    async bring({ app, handle }) {
      for (let n = 0; n < 5; n++) {
        app.clock.advance(15 * MINUTE);
        await app.sessions.extend(handle);
      }
    },
  },
  {
    name: 'signed out here',
    reason: 'logout',
    by: ANN,
    why: /its user ann signed out with it/,
    bring: ({ ann }) => ann.post('/auth/logout'),
  },
  {
    name: 'signed out from another device',
    reason: 'logout_elsewhere',
    by: ANN,
    why: /its user ann ended it from another device/,
    bring: async ({ app, handle }) => (await app.signedIn('ann')).request('DELETE', `/auth/sessions/${handle}`),
  },
  {
    name: 'all others were signed out',
    reason: 'logout_elsewhere',
    by: ANN,
    why: /another device/,
    bring: async ({ app }) => (await app.signedIn('ann')).request('DELETE', '/auth/sessions'),
  },
  {
    name: 'an administrator ended it',
    reason: 'administrator',
    by: ROOT,
    why: /the administrator root ended it/,
    bring: async ({ root, handle }) => (await root()).request('DELETE', `/admin/api/sessions/${handle}`),
  },
  {
    name: 'an administrator ended all of its user',
    reason: 'administrator',
    by: ROOT,
    why: /the administrator root ended it/,
    bring: async ({ root, annId }) => (await root()).request('DELETE', `/admin/api/users/${annId}/sessions`),
  },
  {
    name: 'an administrator ended many',
    reason: 'administrator',
    by: ROOT,
    why: /the administrator root ended it/,
    bring: async ({ root }) => (await root()).post('/admin/api/sessions/end', { filter: { user: 'ann' } }),
  },
  {
    name: 'somebody ended it at the command line',
    reason: 'administrator',
    by: { kind: 'command-line', name: null },
    why: /somebody at the command line ended it/,
    bring: ({ app, handle }) => app.sessions.end(handle, 'administrator', { actorId: COMMAND_LINE_ACTOR }),
  },
  {
    name: 'the application ended it',
    reason: 'administrator',
    by: SYSTEM,
    why: /the application ended it/,
    bring: ({ app, handle }) => app.sessions.end(handle),
  },
  {
    name: 'the password was changed elsewhere',
    reason: 'password_changed',
    by: ANN,
    why: /its user ann changed the password/,
    async bring({ app }) {
      const change = { currentPassword: PASSWORD, newPassword: OTHER_PASSWORD };
      return (await app.signedIn('ann')).post('/auth/password', change);
    },
  },
  {
    name: 'the account was disabled',
    reason: 'disabled',
    by: ROOT,
    why: /the administrator root disabled the account/,
    bring: async ({ root, annId }) =>
      (await root()).request('PATCH', `/admin/api/users/${annId}`, jsonBody({ disabled: true })),
  },
  {
    name: 'the account was deleted',
    reason: 'deleted',
    by: ROOT,
    why: /the administrator root deleted the account/,
    bring: async ({ root, annId }) => (await root()).request('DELETE', `/admin/api/users/${annId}`),
  },
  {
    name: 'too many sessions of its user',
    reason: 'limit',
    by: ANN,
    why: /only so many sessions are allowed/,
    async bring({ app }) {
      for (let n = 0; n < 3; n++) {
        app.clock.advance(1_000);
        await app.signedIn('ann');
      }
    },
  },
  {
    name: 'a new one replaced it',
    reason: 'replaced',
    by: ANN,
    why: /a new session took its place/,
    bring: ({ ann }) => ann.post(LOGIN, { username: 'ann', password: PASSWORD }),
  },
];

const data = z.looseObject({ version: z.literal(1).optional() });

@Controller()
@Public()
class DataController {
  @Post('spoil')
  spoil(@Req() { session }: { session: Session }): void {
    session['note'] = 'x';
  }

  @Get('look')
  look(): object {
    return {};
  }
}

sharingApps(onOnePlatform)('Why a session ended', (start) => {
  it.each(CAUSES)('because $name', async ({ reason, by, why, bring }) => {
    const app = await start({
      session: { idleTimeout: '30m', absoluteTimeout: '1h' },
      auth: { maxSessionsPerUser: 3 },
    });
    const root = () => app.signedIn('root', 'admin');
    await root();
    const ann = await app.signedIn('ann');
    const handle = ann.cookies.get('sid')!.slice(0, 22);
    const annId = (await app.users.find('ann'))!.id;
    await bring({ app, root, ann, annId, handle });

    expect(await app.app.get(SessionStorage).store.read(handle)).toBeNull();
    const answer = await (await root()).get(`/admin/api/sessions/${handle}`);
    const details = answer.json<Record<string, unknown> & { why: string; timeline: { type: string }[] }>();
    expect(details).toMatchObject({ handle, state: 'ended', reason, by, endedAt: expect.stringMatching(/Z$/) });
    expect(details.why).toMatch(why);
    expect(details.timeline.map(({ type }) => type)).toEqual(expect.arrayContaining(['created', 'signed_in', 'ended']));
    expect(details.timeline.filter(({ type }) => type === 'ended')).toHaveLength(1);
  });

  it('is known also of one that a sweep of another process has removed', async () => {
    const app = await start();
    const root = await app.signedIn('root', 'admin');
    const ann = await app.signedIn('ann');
    const handle = ann.cookies.get('sid')!.slice(0, 22);
    const { index } = app.app.get(SessionStorage);
    const { id } = (await app.users.find('ann'))!;
    // As if the process had died between raising the epoch and removing the sessions.
    await index!.raiseUserEpoch(id, undefined, 'disabled');
    await app.app.get(SessionSweeper).sweep();
    expect((await root.get(`/admin/api/sessions/${handle}`)).json()).toMatchObject({ reason: 'disabled', by: SYSTEM });
  });

  it('and of a live one, why its holder has lost it', async () => {
    const app = await start({
      session: { schema: { schema: data }, idleTimeout: '12h' },
      controllers: [DataController],
    });
    const root = await app.signedIn('root', 'admin');
    const ann = await app.signedIn('ann');
    const token = ann.cookies.get('sid')!;
    const handle = token.slice(0, 22);
    const read = async () =>
      (await root.get(`/admin/api/sessions/${handle}`)).json<{ why: string; timeline: object[] }>();
    app.clock.advance(MINUTE);
    const stolen = app.browser({ cookie: `sid=${handle}.${'A'.repeat(43)}` });
    expect((await stolen.get('/auth/me')).status).toBe(401);
    const refused = await read();
    expect(refused.why).toMatch(/came with a secret that is not its own/);
    expect(refused.timeline.at(-1)).toMatchObject({ type: 'secret_refused', ip: '127.0.0.1' });
    app.clock.advance(HOUR);
    expect((await ann.get('/auth/me')).status).toBe(200);
    expect((await read()).why).toMatch(/^It is live/);

    const { store } = app.app.get(SessionStorage);
    await store.update(handle, { replacement: '{"version":7}' });
    app.clock.advance(MINUTE);
    expect((await ann.get('/auth/me')).status).toBe(401);
    const invalid = await read();
    expect(invalid.why).toMatch(/does not fit the application’s schema/);
    expect(invalid.timeline.at(-1)).toMatchObject({ type: 'data_invalid' });
  });
});

describe('A session that made room in a full store', () => {
  it('was evicted', async () => {
    // Memory is the only store so small that a signed-in session ends for another.
    const running = await startApp('fastify', {
      imports: [
        MemoryStorageModule.forRoot({ maxSessions: 2 }),
        SessionModule.forRoot(),
        AuthModule.forRoot({ bcryptCost: 4 }),
        AdminModule.forRoot(),
      ],
    });
    try {
      const users = running.app.get(UserService);
      await users.create({ username: 'ann', password: PASSWORD });
      await users.create({ username: 'root', password: PASSWORD, roles: ['admin'] });
      const signIn = async (username: string) => {
        const client = new BrowserClient(running.url);
        expect((await client.post(LOGIN, { username, password: PASSWORD })).status).toBe(200);
        return client;
      };
      const ann = await signIn('ann');
      const handle = ann.cookies.get('sid')!.slice(0, 22);
      await signIn('root');
      const root = await signIn('root');
      const details = (await root.get(`/admin/api/sessions/${handle}`)).json();
      expect(details).toMatchObject({
        reason: 'evicted',
        by: SYSTEM,
        why: expect.stringMatching(/the store was full/),
      });
    } finally {
      await running.app.close();
    }
  });
});

function jsonBody(body: object): RequestInit {
  return { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}
