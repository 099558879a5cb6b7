import { expect, it } from '@jest/globals';
import { PendingEndsSweeper } from 'nest-gatehouse/auth';
import { codeOf, onEveryDatabase, OTHER_PASSWORD, PASSWORD } from './support/auth-app.js';
import {
  epochsOf,
  handleOf,
  NOTHING,
  OpenController,
  opens,
  partsOf,
  storedOf,
  watchEnds,
} from './support/stored-sessions.js';
import { SECOND } from '../support/apps/fake-clock.js';
import { sharingApps } from '../support/apps/combinations.js';

const FAILING = () => Promise.reject(new Error('the disk is on fire'));
const controllers = [OpenController];

sharingApps(onEveryDatabase)('An end of sessions that a failing store has interrupted', (start) => {
  const begin = async () => {
    const app = await start({ controllers, auth: { storeDeadline: 2 * SECOND } });
    const { user } = await app.users.create({ username: 'alice', password: PASSWORD });
    const clients = [await app.signedIn(), await app.signedIn()];
    const tokens = clients.map((client) => client.cookies.get('sid')!);
    const sweeper = app.app.get(PendingEndsSweeper, { strict: false });
    /** Twice: one may have begun by itself before the clock was moved. */
    const sweep = () =>
      sweeper
        .sweep()
        .catch(() => undefined)
        .then(() => sweeper.sweep());
    return { app, id: user.id, clients, tokens, sweep, parts: partsOf(app) };
  };

  it('acts where the account is looked at, and is finished a little later', async () => {
    const { app, id, clients, tokens, sweep, parts } = await begin();
    const told = watchEnds(app);
    const { raiseUserEpoch } = parts.index;
    parts.index.raiseUserEpoch = FAILING;
    await expect(app.users.disable(id)).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(await epochsOf(app, id)).toMatchObject({ account: 1, store: 0 });
    expect(codeOf(await clients[0]!.get('/auth/me'))).toBe('not_signed_in');
    parts.index.raiseUserEpoch = raiseUserEpoch;

    // It may be still under way.
    await sweep();
    expect(await parts.ends.begunBy(app.clock.now(), 10)).toMatchObject([{ userId: id }]);
    app.clock.advance(40 * SECOND);
    await sweep();
    expect(await storedOf(app, id, tokens.map(handleOf))).toEqual(NOTHING);
    expect(told.map(({ handle }) => handle).sort()).toEqual(tokens.map(handleOf).sort());
    for (const token of tokens) expect(await opens(app, token)).toBeNull();
    await app.users.enable(id);
    await app.signedIn();
  });

  it('keeps nothing of a change that was begun, and everything of one that was not', async () => {
    const { app, id, clients, tokens, sweep, parts } = await begin();
    const { update } = parts.users;
    const body = { currentPassword: PASSWORD, newPassword: OTHER_PASSWORD };
    parts.users.update = FAILING;
    const refused = await clients[0]!.post('/auth/password', body);
    expect([refused.status, codeOf(refused)]).toEqual([503, 'store_unavailable']);
    parts.users.update = update;
    app.clock.advance(40 * SECOND);
    await sweep();
    expect(await epochsOf(app, id)).toEqual({ account: 0, store: 0, sessions: [0, 0] });
    for (const token of tokens) expect(await opens(app, token)).toBe(id);

    const { rotate } = parts.store;
    parts.store.rotate = FAILING;
    expect((await clients[0]!.post('/auth/password', body)).status).toBe(503);
    parts.store.rotate = rotate;
    app.clock.advance(40 * SECOND);
    await sweep();
    expect(await parts.ends.begunBy(app.clock.now(), 10)).toEqual([]);
    expect(await epochsOf(app, id)).toEqual({ account: 1, store: 1, sessions: [] });
    await app.signedIn('alice', OTHER_PASSWORD);
  });

  it('is finished whatever becomes of another one', async () => {
    const { app, id, tokens, sweep, parts } = await begin();
    const at = app.clock.now();
    await parts.ends.add({ id: 'gone', userId: 'nobody', begunAt: at - 2 });
    await parts.ends.add({ id: 'broken', userId: 'broken', begunAt: at - 1 });
    await parts.ends.add({ id: 'alice', userId: id, begunAt: at });
    await parts.users.update(id, { raiseEpoch: true });
    const find = parts.users.findById.bind(parts.users);
    parts.users.findById = (user) => (user === 'broken' ? FAILING() : find(user));
    const orphan = await app.sessions.createForUser('nobody');
    app.clock.advance(40 * SECOND);
    await expect(sweep()).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(await parts.ends.begunBy(at, 10)).toMatchObject([{ id: 'broken' }]);
    for (const token of [...tokens, orphan.token]) expect(await opens(app, token)).toBeNull();
  });
});
