import { expect, it } from '@jest/globals';
import type { BrowserClient } from '../support/browser/browser-client.js';
import { Pause } from '../support/pause.js';
import { onEveryDatabase, OTHER_PASSWORD, PASSWORD, type AuthApp } from './support/auth-app.js';
import { epochsOf, handleOf, OpenController, opens, partsOf, watchEnds } from './support/stored-sessions.js';
import { sharingApps } from '../support/apps/combinations.js';

type Parts = ReturnType<typeof partsOf>;
type Step = readonly [title: string, pause: (parts: Parts) => Pause];

/** Where an end of a user's sessions may be while somebody else acts. */
const STEPS: readonly Step[] = [
  ['before the account', ({ users }) => new Pause(users, 'update')],
  ['after the account', ({ users }) => new Pause(users, 'update', 'after')],
  ['before the session that goes on', ({ store }) => new Pause(store, 'rotate')],
  ['after the session that goes on', ({ store }) => new Pause(store, 'rotate', 'after')],
  ['before the store’s epoch', ({ index }) => new Pause(index, 'raiseUserEpoch')],
  ['after the store’s epoch', ({ index }) => new Pause(index, 'raiseUserEpoch', 'after')],
  ['before the removal', ({ index }) => new Pause(index, 'sweepUser')],
];

const LEASE = 300;
const controllers = [OpenController];
const session = { lockLease: LEASE, storeDeadline: '20s' } as const;
const auth = { storeDeadline: '20s', freeFailures: 50 } as const;

const change = (client: BrowserClient, newPassword = OTHER_PASSWORD) =>
  client.post('/auth/password', { currentPassword: PASSWORD, newPassword });
const endOthers = (client: BrowserClient) => client.request('DELETE', '/auth/sessions');
const nameOf = (act: typeof endOthers) => (act === endOthers ? 'an end of all others' : 'a change of the password');
/** The same cookie in another tab. */
const sameCookie = (app: AuthApp, client: BrowserClient) => app.browser({ cookie: `sid=${client.cookies.get('sid')}` });

sharingApps(onEveryDatabase)('The epochs of account, store and session', (start, { storage }) => {
  const begin = async () => {
    const app = await start({ controllers, session, auth });
    const { user } = await app.users.create({ username: 'alice', password: PASSWORD });
    const clients = [await app.signedIn(), await app.signedIn()] as const;
    return { app, id: user.id, clients, client: clients[0], parts: partsOf(app) };
  };

  /** All the same, and nothing survives the next end. */
  const expectLevel = async (app: AuthApp, id: string, tokens: readonly string[]) => {
    const { account, store, sessions } = await epochsOf(app, id);
    expect(store).toBe(account);
    for (const epoch of sessions) expect(epoch).toBe(account);
    await expectEndable(app, id, tokens);
  };

  const expectEndable = async (app: AuthApp, id: string, tokens: readonly string[]) => {
    await app.users.disable(id);
    await app.users.enable(id);
    const { account, store, sessions } = await epochsOf(app, id);
    expect([store, sessions]).toEqual([account, []]);
    for (const token of tokens) expect(await opens(app, token)).toBeNull();
  };

  it('agree after two changes of the password by one session', async () => {
    const { app, id, client } = await begin();
    const tabs = Array.from({ length: 4 }, () => sameCookie(app, client));
    const answers = await Promise.all(tabs.map((tab, n) => change(tab, `a new password, number ${n}`)));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses[0]).toBe(204);
    for (const status of statuses.slice(1)) expect([401, 409]).toContain(status);
    const winner = tabs.find(({ cookies }) => cookies.has('sid'))!.cookies.get('sid')!;
    expect(await opens(app, winner)).toBe(id);
    expect(await epochsOf(app, id)).toEqual({ account: 1, store: 1, sessions: [1] });
    await expectLevel(app, id, [winner]);
  });

  it('agree after a change that is refused because the account has changed meanwhile', async () => {
    const { app, id, client, parts } = await begin();
    const pause = new Pause(parts.ends, 'add');
    const changing = change(client);
    await pause.reached;
    await parts.users.update(id, { raiseEpoch: true });
    pause.goOn();
    const answer = await changing;
    expect([answer.status, answer.json().code, answer.setCookies]).toEqual([409, 'conflict', []]);
    expect(await epochsOf(app, id)).toEqual({ account: 1, store: 1, sessions: [] });
    await app.signedIn();
    expect((await epochsOf(app, id)).sessions).toEqual([1]);
  });

  it('agree after two ends of all others by one session, of which one is refused', async () => {
    const { app, id, client } = await begin();
    const tabs = [sameCookie(app, client), sameCookie(app, client)];
    const answers = await Promise.all(tabs.map(endOthers));
    const [won, lost] = answers.map(({ status }) => status).sort();
    expect(won).toBe(200);
    // Where the second came only when the first was through, its secret is worth nothing.
    expect([401, 409]).toContain(lost);
    const [token, ...more] = tabs.flatMap(({ cookies }) => cookies.get('sid') ?? []);
    expect(more).toEqual([]);
    expect(await opens(app, token!)).toBe(id);
    expect(await epochsOf(app, id)).toEqual({ account: 1, store: 1, sessions: [1] });
    await expectLevel(app, id, [token!]);
  });

  it('agree after ends of all others by two sessions, of which one ends the other', async () => {
    const { app, id, clients } = await begin();
    const answers = await Promise.all(clients.map(endOthers));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
    const tokens = clients.map(({ cookies }) => cookies.get('sid')!);
    expect((await Promise.all(tokens.map((token) => opens(app, token)))).filter(Boolean)).toEqual([id]);
    expect(await epochsOf(app, id)).toEqual({ account: 1, store: 1, sessions: [1] });
    await expectLevel(app, id, tokens);
  });

  it('agree after changes, ends and disabling in parallel, in whatever order they come', async () => {
    for (const act of [change, endOthers]) {
      const app = await start({ controllers, session, auth });
      const username = `alice-${act.name}`;
      const { user } = await app.users.create({ username, password: PASSWORD });
      const clients = [await app.signedIn(username), await app.signedIn(username)];
      await Promise.all([
        act(clients[0]!),
        endOthers(clients[1]!),
        app.users.endSessions(user.id),
        app.users.disable(user.id),
        app.sessions.endAllOfUser(user.id),
      ]);
      await app.users.enable(user.id);
      expect((await epochsOf(app, user.id)).sessions).toEqual([]);
      const tokens = clients.flatMap(({ cookies }) => cookies.get('sid') ?? []);
      await expectLevel(app, user.id, tokens);
    }
  });

  for (const [title, pauseIn] of STEPS) {
    for (const act of [change, endOthers]) {
      it(`agree where somebody who takes no lock ends all ${title} of ${nameOf(act)}`, async () => {
        const { app, id, client, parts } = await begin();
        const handle = handleOf(client);
        const told = watchEnds(app);
        const pause = pauseIn(parts);
        const acting = act(client);
        await pause.reached;
        await app.sessions.endAllOfUser(id);
        pause.goOn();
        await acting;
        // A session that was there when all were ended is not there any more, whatever was first.
        expect(await parts.store.read(handle)).toBeNull();
        const { account, store, sessions } = await epochsOf(app, id);
        expect(sessions).toEqual([]);
        // Who ends them knows no accounts, and may have been last.
        expect(store).toBeGreaterThanOrEqual(account);
        await parts.index.sweep(10);
        expect(told.filter((ended) => ended.handle === handle).length).toBeLessThan(2);
        await expectEndable(app, id, [client.cookies.get('sid') ?? '']);
      });

      it(`agree where the account is disabled ${title} of ${nameOf(act)} whose lock has been lost`, async () => {
        const { app, id, client, parts } = await begin();
        const pause = pauseIn(parts);
        const acting = act(client);
        await pause.reached;
        if (storage.leasesRunBy === 'application') app.clock.advance(LEASE + 1);
        await app.users.disable(id);
        pause.goOn();
        await acting;
        expect((await epochsOf(app, id)).sessions).toEqual([]);
        await expectLevel(app, id, [client.cookies.get('sid') ?? '']);
      });

      it(`leave the session to itself where it asks for something else ${title} of ${nameOf(act)}`, async () => {
        const { app, id, client, parts } = await begin();
        const tab = sameCookie(app, client);
        const pause = pauseIn(parts);
        const acting = act(client);
        await pause.reached;
        const meanwhile = await tab.get('/auth/me');
        expect([200, 401]).toContain(meanwhile.status);
        expect(meanwhile.setCookies).toEqual([]);
        pause.goOn();
        expect((await acting).status).toBeLessThan(300);
        expect(await opens(app, client.cookies.get('sid')!)).toBe(id);
        expect((await client.get('/auth/me')).status).toBe(200);
      });
    }

    if (title.includes('session that goes on')) continue;
    it(`leave no session that was made by hand ${title} of an end`, async () => {
      const { app, id, parts } = await begin();
      const pause = pauseIn(parts);
      const ending = app.users.disable(id);
      await pause.reached;
      const { token } = await app.sessions.createForUser(id);
      pause.goOn();
      await ending;
      await app.users.enable(id);
      expect(await opens(app, token)).toBeNull();
      await expectLevel(app, id, [token]);
    });
  }

  it('agree again where a session is ahead of its account, as an older release could leave it', async () => {
    const { app, id, client, parts } = await begin();
    await parts.store.update(handleOf(client), { fields: { userEpoch: 9 } });
    await app.users.disable(id);
    await app.users.enable(id);
    expect(await opens(app, client.cookies.get('sid')!)).toBeNull();
    await expectLevel(app, id, []);
  });

  it('agree again where the store was far ahead of the account', async () => {
    const { app, id, parts } = await begin();
    await app.sessions.setUserEpoch(id, 40);
    const later = await app.signedIn();
    expect((await change(later)).status).toBe(204);
    expect(await epochsOf(app, id)).toEqual({ account: 41, store: 41, sessions: [41] });
    await parts.users.update(id, { raiseEpoch: 50 });
    expect(await app.users.endSessions(id)).toBe(0);
    await expectLevel(app, id, [later.cookies.get('sid')!]);
  });
});
