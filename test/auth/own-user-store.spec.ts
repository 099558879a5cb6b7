import { expect, it, jest } from '@jest/globals';
import { Logger, Module } from '@nestjs/common';
import {
  type NewUser,
  newUserRecord,
  type UserChanges,
  type UserExpectation,
  type UserList,
  type UserRecord,
  UserStore,
} from 'nest-gatehouse/auth/storage';
import { codeOf, LOGIN, onOnePlatform, OTHER_PASSWORD, PASSWORD } from './support/auth-app.js';
import { epochsOf, OpenController, opens } from './support/stored-sessions.js';

/** An application's users, as it keeps them. */
interface Member {
  readonly memberNumber: number;
  email: string;
  isBanned: boolean;
  record: UserRecord;
}

class MemberStore extends UserStore {
  readonly members: Member[] = [];

  override insert(user: NewUser): UserRecord {
    const record = newUserRecord(user);
    this.members.push({
      memberNumber: this.members.length + 1,
      email: user.canonicalUsername,
      isBanned: false,
      record,
    });
    return record;
  }

  override async findById(id: string): Promise<UserRecord | null> {
    return this.#show(this.members.find(({ record }) => record.id === id));
  }

  override async findByCanonicalUsername(canonicalUsername: string): Promise<UserRecord | null> {
    return this.#show(this.members.find(({ email }) => email === canonicalUsername));
  }

  override async update(
    id: string,
    { raiseEpoch, ...changes }: UserChanges,
    expected: UserExpectation = {},
  ): Promise<UserRecord | null> {
    const member = this.members.find(({ record }) => record.id === id);
    const meets = Object.entries(expected).every(([key, value]) => member?.record[key as keyof UserRecord] === value);
    if (!member || !meets) return null;
    member.record = { ...member.record, ...changes, epoch: member.record.epoch + (raiseEpoch ? 1 : 0) };
    return this.#show(member);
  }

  override list(): UserList {
    return { items: this.members.map(({ record }) => record), next: null };
  }

  #show(member: Member | undefined): UserRecord | null {
    return member ? { ...member.record, disabled: member.isBanned } : null;
  }
}

/** One that was written before there were one-time fields. */
class ForgetfulStore extends MemberStore {
  override insert(user: NewUser): UserRecord {
    return super.insert({ ...user, oneTimeExpiresAt: undefined, oneTimeUsedAt: undefined });
  }

  override update(id: string, changes: UserChanges, expected?: UserExpectation): Promise<UserRecord | null> {
    const { oneTimeExpiresAt: _, oneTimeUsedAt: __, ...kept } = changes;
    return super.update(id, kept, expected);
  }
}

onOnePlatform('An application with users of its own', (start) => {
  it('provides its own UserStore, and nothing else changes', async () => {
    const members = new MemberStore();
    @Module({ providers: [{ provide: UserStore, useValue: members }], exports: [UserStore] })
    class MembersModule {}
    const app = await start({ auth: { imports: [MembersModule] } });
    await app.users.create({ username: 'Alice@example.com', password: PASSWORD, roles: ['member'] });
    const client = await app.signedIn('alice@EXAMPLE.com');
    expect((await client.get('/auth/me')).json<{ user: object }>().user).toMatchObject({
      username: 'Alice@example.com',
      roles: ['member'],
    });
    members.members[0]!.isBanned = true;
    expect(codeOf(await client.get('/auth/me'))).toBe('not_signed_in');
    expect(codeOf(await app.browser().post(LOGIN, { username: 'alice@example.com', password: PASSWORD }))).toBe(
      'invalid_credentials',
    );
  });

  it('may keep no one-time passwords, which are like others then, and says so', async () => {
    const members = new ForgetfulStore();
    @Module({ providers: [{ provide: UserStore, useValue: members }], exports: [UserStore] })
    class MembersModule {}
    const complaints: unknown[] = [];
    const complain = jest.spyOn(Logger.prototype, 'error').mockImplementation((text) => void complaints.push(text));
    const app = await start({ auth: { imports: [MembersModule] } });
    const { user, oneTimePassword } = await app.users.create({ username: 'alice' });
    await app.users.setOneTimePassword(user.id);
    expect(complaints).toEqual([expect.stringContaining('oneTimeExpiresAt')]);
    complain.mockRestore();
    expect(oneTimePassword).toBeDefined();
    await app.users.setPassword(user.id, PASSWORD);
    for (let round = 0; round < 2; round++) await app.signedIn('alice', PASSWORD);
  });

  it.each([
    ['takes a number for true', (raise: UserChanges['raiseEpoch']) => (raise ? 1 : 0)],
    ['knows true alone', (raise: UserChanges['raiseEpoch']) => (raise === true ? 1 : 0)],
  ])('whose store %s has the same epochs in the end', async (_, stepOf) => {
    const members = new MemberStore();
    const update = members.update.bind(members);
    members.update = (id, { raiseEpoch, ...changes }, expected) =>
      update(id, { ...changes, raiseEpoch: stepOf(raiseEpoch) > 0 }, expected);
    @Module({ providers: [{ provide: UserStore, useValue: members }], exports: [UserStore] })
    class MembersModule {}
    const app = await start({ controllers: [OpenController], auth: { imports: [MembersModule] } });
    const { user } = await app.users.create({ username: 'alice', password: PASSWORD });
    await app.sessions.setUserEpoch(user.id, 5);
    const clients = [await app.signedIn(), await app.signedIn()];
    const body = { currentPassword: PASSWORD, newPassword: OTHER_PASSWORD };
    expect((await clients[0]!.post('/auth/password', body)).status).toBe(204);
    expect(await epochsOf(app, user.id)).toEqual({ account: 6, store: 6, sessions: [6] });
    await app.users.disable(user.id);
    await app.users.enable(user.id);
    expect(await epochsOf(app, user.id)).toEqual({ account: 8, store: 8, sessions: [] });
    for (const client of clients) expect(await opens(app, client.cookies.get('sid')!)).toBeNull();
  });

  it('whose store raises no epoch is told so', async () => {
    const members = new MemberStore();
    const update = members.update.bind(members);
    members.update = (id, changes, expected) => update(id, { ...changes, raiseEpoch: false }, expected);
    @Module({ providers: [{ provide: UserStore, useValue: members }], exports: [UserStore] })
    class MembersModule {}
    const app = await start({ auth: { imports: [MembersModule] } });
    const { user } = await app.users.create({ username: 'alice', password: PASSWORD });
    await expect(app.users.endSessions(user.id)).rejects.toThrow('UserStore.update did not raise the epoch');
  });

  it('that does not answer is 503, and nobody is signed in', async () => {
    const members = new MemberStore();
    @Module({ providers: [{ provide: UserStore, useValue: members }], exports: [UserStore] })
    class MembersModule {}
    const app = await start({ auth: { imports: [MembersModule] } });
    await app.users.create({ username: 'alice', password: PASSWORD });
    const client = await app.signedIn();
    members.findById = () => Promise.reject(new Error('the disk is on fire'));
    const asked = await client.get('/auth/me');
    expect([asked.status, codeOf(asked), asked.headers.get('retry-after')]).toEqual([503, 'store_unavailable', '1']);
    const answer = await app.browser().post(LOGIN, { username: 'alice', password: PASSWORD });
    expect([answer.status, answer.setCookies]).toEqual([503, []]);
    expect(answer.text).not.toContain('fire');
  });
});
