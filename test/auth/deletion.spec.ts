import { expect, it } from '@jest/globals';
import { AuthStorage } from 'nest-gatehouse/auth/storage';
import { LOGIN, onOnePlatform, OTHER_PASSWORD, PASSWORD } from './support/auth-app.js';
import { handleOf, OpenController, opens, partsOf, storedOf, watchEnds, NOTHING } from './support/stored-sessions.js';
import { trailOf } from './support/audit-trail.js';
import { sharingApps } from '../support/apps/combinations.js';

const controllers = [OpenController];

sharingApps(onOnePlatform)('Deleting an account', (start) => {
  it('leaves nothing of it, before anybody asks again', async () => {
    const app = await start({ controllers });
    const { user } = await app.users.create({ username: 'Alice', password: PASSWORD });
    const clients = [await app.signedIn('alice'), await app.signedIn('alice')];
    const tokens = clients.map((client) => client.cookies.get('sid')!);
    await app.browser().post(LOGIN, { username: 'alice', password: 'wrong' });
    const told = watchEnds(app);

    const pseudonym = await app.users.delete(user.id, {}, { actorId: 'root' });

    const { users, index } = partsOf(app);
    expect(await users.findById(user.id)).toBeNull();
    expect(await users.findByCanonicalUsername('alice')).toBeNull();
    expect(await storedOf(app, user.id, tokens.map(handleOf))).toEqual(NOTHING);
    expect(await index.userEpoch(user.id)).toBe(0);
    expect(told.map(({ reason, actorId }) => [reason, actorId])).toEqual([
      ['deleted', 'root'],
      ['deleted', 'root'],
    ]);
    const trail = JSON.stringify(await trailOf(app));
    expect(trail).not.toContain(user.id);
    expect(trail.toLowerCase()).not.toContain('alice');
    const { items } = await app.app.get(AuthStorage).audit.find({ userId: pseudonym }, { limit: 50 });
    const types = items.map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['login.ok', 'login.failed', 'session.ended', 'user.deleted']));
    for (const token of tokens) expect(await opens(app, token)).toBeNull();
    expect((await app.browser().post(LOGIN, { username: 'alice', password: PASSWORD })).status).toBe(401);

    const again = await app.users.create({ username: 'alice', password: OTHER_PASSWORD });
    expect(again.user.epoch).toBe(0);
    await app.signedIn('alice', OTHER_PASSWORD);
    expect(await opens(app, tokens[0]!)).toBeNull();
  });

  it('keeps the trail as it is where that is asked for', async () => {
    const app = await start();
    const { user } = await app.users.create({ username: 'alice', password: PASSWORD });
    expect(await app.users.delete(user.id, { trail: 'keep' })).toBe(user.id);
    const { audit } = app.app.get(AuthStorage);
    const { items } = await audit.find({ username: 'alice' }, { limit: 5 });
    expect(items).toMatchObject([{ type: 'user.deleted', userId: user.id }]);
    expect((await audit.find({ userId: user.id }, { limit: 5 })).items.map(({ type }) => type)).toEqual([
      'user.deleted',
      'user.created',
    ]);
  });

  it('leaves a disabled account if what belongs to it cannot be erased, and is completed by repeating', async () => {
    const app = await start({ controllers });
    const { user } = await app.users.create({ username: 'alice', password: PASSWORD });
    const client = await app.signedIn();
    const erase = () => Promise.reject(new Error('the other database is down'));
    await expect(app.users.delete(user.id, { erase })).rejects.toThrow('the other database is down');
    expect(await partsOf(app).users.findById(user.id)).toMatchObject({ disabled: true });
    expect(await opens(app, client.cookies.get('sid')!)).toBeNull();
    await app.users.delete(user.id);
    expect(await partsOf(app).users.findById(user.id)).toBeNull();
    await expect(app.users.delete(user.id)).rejects.toMatchObject({ code: 'user_not_found' });
  });
});

sharingApps(onOnePlatform)('The last administrator', (start) => {
  it('cannot be demoted, disabled or deleted, and the others can', async () => {
    const app = await start();
    const create = async (username: string, roles: string[]) =>
      (await app.users.create({ username, password: PASSWORD, roles })).user.id;
    const [root, plain] = [await create('root', ['admin', 'staff']), await create('plain', [])];
    const refused = { code: 'last_administrator', problem: { status: 409 } };
    await expect(app.users.setRoles(root, ['staff'])).rejects.toMatchObject(refused);
    await expect(app.users.disable(root)).rejects.toMatchObject(refused);
    await expect(app.users.delete(root)).rejects.toMatchObject(refused);
    expect(await app.users.findById(root)).toMatchObject({ roles: ['admin', 'staff'], disabled: false });
    await app.users.setRoles(root, ['admin']);
    await app.users.disable(plain);

    const second = await create('second', ['admin']);
    await app.users.disable(second);
    await expect(app.users.disable(root)).rejects.toMatchObject(refused);
    await app.users.enable(second);
    await app.users.delete(root);
    await expect(app.users.delete(second)).rejects.toMatchObject(refused);
  });

  it('remains whatever happens at once', async () => {
    const app = await start({ session: { lockWait: '20s' } });
    const ids: string[] = [];
    for (const username of ['a', 'b', 'c', 'd', 'e', 'f'])
      ids.push((await app.users.create({ username, password: PASSWORD, roles: ['admin'] })).user.id);
    const acts = [
      (id: string) => app.users.setRoles(id, []),
      (id: string) => app.users.disable(id),
      (id: string) => app.users.delete(id),
    ];
    const outcomes = await Promise.allSettled(ids.map(async (id, n) => acts[n % 3]!(id)));
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    const { items } = await app.users.list();
    expect(items.filter(({ roles, disabled }) => roles.includes('admin') && !disabled)).toHaveLength(1);
  });
});
