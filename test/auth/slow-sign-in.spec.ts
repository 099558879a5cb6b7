import { expect, it } from '@jest/globals';
import { AuthStorage } from 'nest-gatehouse/auth/storage';
import { Pause } from '../support/pause.js';
import { LOGIN, onEveryDatabase, OTHER_PASSWORD, PASSWORD, type AuthApp } from './support/auth-app.js';
import { epochsOf, OpenController, opens, partsOf } from './support/stored-sessions.js';
import { sharingApps } from '../support/apps/combinations.js';

type Parts = ReturnType<typeof partsOf> & Pick<AuthStorage, 'attempts'>;

/** Where a sign-in may be while the account changes. From the lock on, it has lost it by then: whoever changes the account waits for it. */
const STEPS: readonly [title: string, pause: (parts: Parts) => Pause][] = [
  ['has found the account', ({ users }) => new Pause(users, 'findByCanonicalUsername', 'after')],
  ['is about to look at the password', ({ attempts }) => new Pause(attempts, 'countFailure')],
  ['has looked at the password', ({ attempts }) => new Pause(attempts, 'clear')],
  ['is about to take the lock', ({ locks }) => new Pause(locks, 'acquire')],
  ['has the lock', ({ locks }) => new Pause(locks, 'acquire', 'after')],
  ['has the epoch', ({ index }) => new Pause(index, 'userEpoch', 'after')],
  ['has seen that the account is the same', ({ users }) => new Pause(users, 'findById', 'after')],
  ['is about to note the sign-in', ({ users }) => new Pause(users, 'update')],
  ['has noted the sign-in', ({ users }) => new Pause(users, 'update', 'after')],
  ['is about to store the session', ({ store }) => new Pause(store, 'insert')],
  ['has stored the session', ({ store }) => new Pause(store, 'insert', 'after')],
];

const CHANGES: readonly [title: string, change: (app: AuthApp, id: string) => Promise<unknown>][] = [
  ['disabled', (app, id) => app.users.disable(id)],
  ['disabled and enabled', (app, id) => app.users.disable(id).then(() => app.users.enable(id))],
  ['given a password', (app, id) => app.users.setPassword(id, OTHER_PASSWORD)],
  ['signed out everywhere', (app, id) => app.users.endSessions(id)],
];

const LEASE = 300;
const controllers = [OpenController];
const session = { lockLease: LEASE, storeDeadline: '20s' } as const;
const auth = { storeDeadline: '20s' } as const;

sharingApps(onEveryDatabase)('A sign-in that is slow', (start, { storage }) => {
  const begin = async () => {
    const app = await start({ controllers, session, auth });
    const { user } = await app.users.create({ username: 'alice', password: PASSWORD });
    const { attempts } = app.app.get(AuthStorage);
    return { app, id: user.id, parts: { ...partsOf(app), attempts } };
  };

  for (const [title, pauseIn] of STEPS) {
    it(`leaves no session of an account that changes when it ${title}`, async () => {
      const { app, id, parts } = await begin();
      let password = PASSWORD;
      for (const [name, change] of CHANGES) {
        const client = app.browser();
        const pause = pauseIn(parts);
        const signingIn = client.post(LOGIN, { username: 'alice', password });
        await pause.reached;
        if (storage.leasesRunBy === 'application') app.clock.advance(LEASE + 1);
        await change(app, id);
        pause.goOn();
        const { status } = await signingIn;
        expect([200, 401]).toContain(status);
        expect([name, (await epochsOf(app, id)).sessions]).toEqual([name, []]);
        await app.users.enable(id);
        const { account, store, sessions } = await epochsOf(app, id);
        expect([name, store, sessions]).toEqual([name, account, []]);
        expect(await opens(app, client.cookies.get('sid') ?? '')).toBeNull();
        if (name === 'given a password') password = OTHER_PASSWORD;
      }
      await app.signedIn('alice', password);
    });
  }

  it('has the roles of when it ends, and a new secret once these change', async () => {
    const { app, id, parts } = await begin();
    const pause = new Pause(parts.store, 'insert');
    const client = app.browser();
    const signingIn = client.post(LOGIN, { username: 'alice', password: PASSWORD });
    await pause.reached;
    app.clock.advance(1);
    await app.users.setRoles(id, ['admin']);
    pause.goOn();
    await signingIn;
    const before = client.cookies.get('sid');
    expect((await client.get('/auth/me')).json()).toMatchObject({ user: { roles: ['admin'] } });
    expect(client.cookies.get('sid')).not.toBe(before);
  });

  for (const [title, pauseIn] of [
    ['has the epoch', ({ index }: Parts) => new Pause(index, 'userEpoch', 'after')],
    ['is about to store the session', ({ store }: Parts) => new Pause(store, 'insert')],
    ['has stored the session', ({ store }: Parts) => new Pause(store, 'insert', 'after')],
  ] as const) {
    it(`by createForUser leaves no session of an account that changes when it ${title}`, async () => {
      const { app, id, parts } = await begin();
      for (const [name, change] of CHANGES) {
        const pause = pauseIn(parts);
        const making = app.sessions.createForUser(id);
        await pause.reached;
        await change(app, id);
        pause.goOn();
        const { token } = await making;
        expect([name, await opens(app, token)]).toEqual([name, null]);
        await app.users.enable(id);
        expect([name, await opens(app, token)]).toEqual([name, null]);
        expect([name, (await epochsOf(app, id)).sessions]).toEqual([name, []]);
      }
    });
  }

  it('ends nothing of who has signed in since', async () => {
    const { app, id } = await begin();
    await app.users.disable(id);
    expect((await app.browser().post(LOGIN, { username: 'alice', password: PASSWORD })).status).toBe(401);
    await app.users.enable(id);
    const client = await app.signedIn();
    expect((await client.get('/auth/me')).status).toBe(200);
    expect(await epochsOf(app, id)).toEqual({ account: 2, store: 2, sessions: [2] });
  });
});
