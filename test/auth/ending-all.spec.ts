import { expect, it } from '@jest/globals';
import type { EndReason } from 'nest-gatehouse/session';
import { onEveryDatabase, OTHER_PASSWORD, PASSWORD, type AuthApp } from './support/auth-app.js';
import { epochsOf, handleOf, NOTHING, OpenController, opens, storedOf, watchEnds } from './support/stored-sessions.js';
import { SECOND } from '../support/apps/fake-clock.js';
import { sharingApps } from '../support/apps/combinations.js';

type End = (app: AuthApp, userId: string) => Promise<unknown>;

const ENDS: readonly [string, EndReason, End][] = [
  ['disabled', 'disabled', (app, id) => app.users.disable(id)],
  ['enabled again', 'administrator', (app, id) => app.users.enable(id)],
  ['given a password', 'password_changed', (app, id) => app.users.setPassword(id, OTHER_PASSWORD)],
  ['given a one-time password', 'password_changed', (app, id) => app.users.setOneTimePassword(id)],
  ['signed out everywhere', 'administrator', (app, id) => app.users.endSessions(id)],
];

const controllers = [OpenController];

sharingApps(onEveryDatabase)('The sessions of a user who is', (start) => {
  const begin = async () => {
    const app = await start({ controllers });
    const { user } = await app.users.create({ username: 'alice', password: PASSWORD });
    const bob = (await app.users.create({ username: 'bob', password: PASSWORD })).user;
    const clients = [await app.signedIn(), await app.signedIn()];
    const { token } = await app.sessions.createForUser(user.id);
    const tokens = [...clients.map((client) => client.cookies.get('sid')!), token];
    const other = (await app.signedIn('bob')).cookies.get('sid')!;
    return { app, user, bob, clients, tokens, other };
  };

  it.each(ENDS)('%s are gone from the store before anybody asks again', async (_, reason, end) => {
    const { app, user, bob, tokens, other } = await begin();
    const told = watchEnds(app);
    await end(app, user.id);
    expect(await storedOf(app, user.id, tokens.map(handleOf))).toEqual(NOTHING);
    const expected = tokens.map((token) => ({ handle: handleOf(token), userId: user.id, reason }));
    expect(told.sort(byHandle)).toMatchObject(expected.sort(byHandle));
    for (const token of tokens) expect(await opens(app, token)).toBeNull();
    expect(await opens(app, other)).toBe(bob.id);
    const { account, store } = await epochsOf(app, user.id);
    expect(store).toBe(account);
  });

  it('signed out everywhere are counted', async () => {
    const { app, user } = await begin();
    expect(await app.users.endSessions(user.id)).toBe(3);
    expect(await app.users.endSessions(user.id)).toBe(0);
  });

  it('disabled stay gone once the account is enabled', async () => {
    const { app, user, tokens } = await begin();
    await app.users.disable(user.id);
    // Made by who knows nothing of accounts.
    const { token } = await app.sessions.createForUser(user.id);
    await app.users.enable(user.id);
    for (const each of [...tokens, token]) expect(await opens(app, each)).toBeNull();
    await app.signedIn();
  });

  it('given other rights go on, with these', async () => {
    const { app, user, clients, tokens } = await begin();
    const told = watchEnds(app);
    app.clock.advance(SECOND);
    await app.users.setRoles(user.id, ['admin']);
    await app.users.requirePasswordChange(user.id);
    expect(told).toEqual([]);
    expect((await storedOf(app, user.id, [])).live).toEqual(tokens.map(handleOf).sort());
    const me = (await clients[0]!.get('/auth/me')).json<{ user: object }>();
    expect(me.user).toMatchObject({ roles: ['admin'], mustChangePassword: true });
    expect(await opens(app, tokens[0]!)).toBeNull();
    expect(await opens(app, tokens[1]!)).toBe(user.id);
  });

  it.each(['a change of the password', 'an end of all others'])(
    'the author of %s are gone but for one',
    async (act) => {
      const { app, user, clients, tokens, bob, other } = await begin();
      const [client] = clients;
      const told = watchEnds(app);
      if (act === 'an end of all others') {
        expect((await client!.request('DELETE', '/auth/sessions')).json()).toEqual({ ended: 2 });
      } else {
        const body = { currentPassword: PASSWORD, newPassword: OTHER_PASSWORD };
        expect((await client!.post('/auth/password', body)).status).toBe(204);
      }
      const live = await storedOf(app, user.id, tokens.map(handleOf));
      expect(live).toEqual({ ...NOTHING, live: [handleOf(client!)] });
      const reason = act === 'an end of all others' ? 'logout_elsewhere' : 'password_changed';
      const ended = tokens.slice(1).map((token) => ({ handle: handleOf(token), userId: user.id, reason }));
      expect(told.sort(byHandle)).toMatchObject(ended.sort(byHandle));
      expect(await epochsOf(app, user.id)).toEqual({ account: 1, store: 1, sessions: [1] });
      for (const token of tokens) expect(await opens(app, token)).toBeNull();
      expect(await opens(app, client!.cookies.get('sid')!)).toBe(user.id);
      expect(await opens(app, other)).toBe(bob.id);
      await app.users.disable(user.id);
      await app.users.enable(user.id);
      expect(await opens(app, client!.cookies.get('sid')!)).toBeNull();
    },
  );
});

function byHandle(a: { readonly handle: string }, b: { readonly handle: string }): number {
  return a.handle < b.handle ? -1 : 1;
}
