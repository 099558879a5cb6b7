import { expect, it } from '@jest/globals';
import { Body, Controller, Get, Post } from '@nestjs/common';
import { Public } from 'nest-gatehouse/auth';
import { AuthStorage } from 'nest-gatehouse/auth/storage';
import { Session } from 'nest-gatehouse/session';
import { csrfToken } from 'nest-gatehouse/session/identity';
import { HOUR } from '../support/apps/fake-clock.js';
import { codeOf, LOGIN, onEveryPlatform, OTHER_PASSWORD, PASSWORD, postForm } from './support/auth-app.js';
import { sharingApps } from '../support/apps/combinations.js';

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

@Public()
@Controller('data')
class DataController {
  @Get()
  read(@Session() session: Session) {
    return { ...session };
  }

  @Get('token')
  token(@Session() session: Session) {
    return { token: csrfToken(session) };
  }

  @Post()
  write(@Session() session: Session, @Body() body: Record<string, unknown>) {
    return Object.assign(session, body);
  }
}

sharingApps(onEveryPlatform)('Login', (start) => {
  it('answers who it is and which session', async () => {
    const app = await start();
    const { user } = await app.users.create({ username: 'Alice', password: PASSWORD, roles: ['editor'] });
    const client = app.browser();
    const answer = await client.post(LOGIN, { username: 'alice', password: PASSWORD });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const times = { createdAt: expect.stringMatching(ISO), lastSeenAt: expect.stringMatching(ISO) };
    const ends = { idleExpiresAt: expect.stringMatching(ISO), absoluteExpiresAt: expect.stringMatching(ISO) };
    const body = {
      user: { id: user.id, username: 'Alice', roles: ['editor'], mustChangePassword: false },
      session: { active: true, handle: client.cookies.get('sid')!.split('.')[0], ...times, ...ends, persistent: false },
    };
    expect(answer.json()).toEqual(body);
    const me = await client.get('/auth/me');
    expect(me.status).toBe(200);
    expect(me.json()).toEqual(body);
    expect(await app.sessions.read(body.session.handle!)).toMatchObject({ userId: user.id, username: 'alice' });
    expect(answer.setCookies).toHaveLength(1);
    expect(answer.setCookies[0]).not.toMatch(/max-age|expires/i);
  });

  it('shows no idle end after the absolute one', async () => {
    const app = await start({ session: { idleTimeout: '3h', absoluteTimeout: '2h' } });
    await app.users.create({ username: 'alice', password: PASSWORD });
    const { session } = (await (await app.signedIn()).get('/auth/me')).json<{ session: Record<string, string> }>();
    expect(session.idleExpiresAt).toBe(new Date(app.clock.now() + 2 * HOUR).toISOString());
    expect(session.idleExpiresAt).toBe(session.absoluteExpiresAt);
  });

  it("answers a key of the client's that is a control of the session by 400", async () => {
    const client = (await start({ controllers: [DataController] })).browser();
    for (const key of ['id', 'save', 'cookie']) expect((await client.post('/data', { [key]: 1 })).status).toBe(400);
    expect((await client.post('/data', { ids: 1 })).json()).toEqual({ ids: 1 });
  });

  it('opens a session that counts beside older cookies of the same name', async () => {
    const app = await start({ controllers: [DataController] });
    await app.users.create({ username: 'alice', password: PASSWORD });
    const visitors = [app.browser(), app.browser()];
    for (const visitor of visitors) await visitor.post('/data', { n: 1 });
    const [first, second] = visitors.map(({ cookies }) => cookies.get('sid')!);
    const dead = `${'A'.repeat(22)}.${'b'.repeat(43)}`;
    // Cookies of other paths, which a new one for `/` does not replace.
    for (const older of [[dead], ['no token'], [first!], [second!, first!], [dead, second!, first!]]) {
      const cookies = older.map((token) => `sid=${token}`).join('; ');
      const answer = await app.browser({ cookie: cookies }).post(LOGIN, { username: 'alice', password: PASSWORD });
      expect([older.length, answer.status]).toEqual([older.length, 200]);
      const fresh = /^sid=([^;]+)/.exec(answer.setCookies[0]!)![1]!;
      const after = await app.browser({ cookie: `${cookies}; sid=${fresh}` }).get('/auth/me');
      expect([older.length, after.status]).toEqual([older.length, 200]);
    }
    expect((await app.sessions.find({ userId: null })).items).toEqual([]);
  });

  it('is refused with what to do if there are too many cookies for any to count', async () => {
    const app = await start();
    const { user } = await app.users.create({ username: 'alice', password: PASSWORD });
    const cookie = Array.from({ length: 5 }, (_, n) => `sid=${'A'.repeat(21)}${n}.${'b'.repeat(43)}`).join('; ');
    const answer = await app.browser({ cookie }).post(LOGIN, { username: 'alice', password: PASSWORD });
    expect([answer.status, codeOf(answer), answer.setCookies]).toEqual([400, 'too_many_tokens', []]);
    expect(answer.json().detail).toContain('Delete the cookies of this site');
    expect((await app.sessions.findByUser(user.id)).items).toEqual([]);
  });

  it('is undone by a sign-out that ends whatever the cookies open', async () => {
    const app = await start({ controllers: [DataController] });
    await app.users.create({ username: 'alice', password: PASSWORD });
    const [one, two] = [await app.signedIn(), await app.signedIn()];
    const cookie = `sid=${one.cookies.get('sid')}; sid=${two.cookies.get('sid')}`;
    expect(codeOf(await app.browser({ cookie }).get('/auth/me'))).toBe('not_signed_in');
    expect((await app.browser({ cookie }).post('/auth/logout')).status).toBe(204);
    expect(await app.sessions.count()).toBe(0);
  });

  it('compares usernames after NFKC and in lower case', async () => {
    const app = await start();
    await app.users.create({ username: 'Ａlice Å', password: PASSWORD });
    for (const username of ['alice å', 'ALICE Å', 'Alice A\u030a', 'ａlice å']) {
      expect((await app.browser().post(LOGIN, { username, password: PASSWORD })).status).toBe(200);
    }
  });

  it('is a 303 for a form, to a place of ours alone', async () => {
    const app = await start();
    await app.users.create({ username: 'alice', password: PASSWORD });
    const targets: Record<string, string> = {
      '': '/',
      '/account?tab=2#top': '/account?tab=2#top',
      [`${app.url}/account`]: '/account',
      '//evil.example/': '/',
      '/\\evil.example': '/',
      '/.//evil.example': '/',
      'https://evil.example/': '/',
      'javascript:alert(1)': '/',
      'http:evil.example': '/',
      account: '/',
      '\t//evil.example': '/',
    };
    for (const [next, location] of Object.entries(targets)) {
      const answer = await postForm(app.browser(), LOGIN, { username: 'alice', password: PASSWORD, next });
      expect([answer.status, next, answer.headers.get('location')]).toEqual([303, next, location]);
    }
    const asked = await postForm(app.browser(), `${LOGIN}?next=/asked`, { username: 'alice', password: PASSWORD });
    expect(asked.headers.get('location')).toBe('/asked');
  });

  it('changes handle and secret and drops what was planted, but for what may be carried over', async () => {
    const app = await start({ controllers: [DataController], auth: { carryOver: ['cart'] } });
    await app.users.create({ username: 'alice', password: PASSWORD });
    const client = app.browser();
    await client.post('/data', { planted: true, cart: ['book'] });
    const before = client.cookies.get('sid')!;
    expect((await client.post(LOGIN, { username: 'alice', password: PASSWORD })).status).toBe(200);
    const after = client.cookies.get('sid')!;
    expect(after.split('.')[0]).not.toBe(before.split('.')[0]);
    expect(after.split('.')[1]).not.toBe(before.split('.')[1]);
    expect((await client.get('/data')).json()).toEqual({ cart: ['book'] });
    const thief = app.browser({ cookie: `sid=${before}` });
    expect((await thief.get('/data')).json()).toEqual({});
    expect(await app.sessions.count()).toBe(1);
  });

  it('never adopts a well-formed unknown token', async () => {
    const app = await start();
    await app.users.create({ username: 'alice', password: PASSWORD });
    const client = app.browser();
    const planted = `${'A'.repeat(22)}.${'B'.repeat(43)}`;
    client.cookies.set('sid', planted);
    await client.post(LOGIN, { username: 'alice', password: PASSWORD });
    expect(client.cookies.get('sid')).not.toBe(planted);
    expect(client.cookies.get('sid')!.split('.')[0]).not.toBe('A'.repeat(22));
  });

  it('changes nothing when it fails', async () => {
    const app = await start({ controllers: [DataController] });
    await app.users.create({ username: 'alice', password: PASSWORD });
    const client = app.browser();
    await client.post('/data', { cart: ['book'] });
    const cookie = client.cookies.get('sid');
    const answer = await client.post(LOGIN, { username: 'alice', password: 'wrong password, wrong' });
    expect([answer.status, codeOf(answer), answer.setCookies]).toEqual([401, 'invalid_credentials', []]);
    expect(client.cookies.get('sid')).toBe(cookie);
    expect((await client.get('/data')).json()).toEqual({ cart: ['book'] });
  });

  it('as another user leaks nothing of the first', async () => {
    const app = await start({ controllers: [DataController] });
    await app.users.create({ username: 'alice', password: PASSWORD });
    await app.users.create({ username: 'bob', password: PASSWORD });
    const client = await app.signedIn('alice');
    await client.post('/data', { secret: 'of alice' });
    const token = client.cookies.get('sid')!;
    expect((await client.post(LOGIN, { username: 'bob', password: PASSWORD })).status).toBe(200);
    expect((await client.get('/data')).json()).toEqual({});
    expect((await app.browser({ cookie: `sid=${token}` }).get('/auth/me')).status).toBe(401);
  });

  it('keeps who wants to be remembered, within lifetimes of its own', async () => {
    const app = await start({ auth: { remember: { idleTimeout: '10d', absoluteTimeout: '20d' } } });
    await app.users.create({ username: 'alice', password: PASSWORD });
    const client = app.browser();
    const answer = await client.post(LOGIN, { username: 'alice', password: PASSWORD, remember: true });
    expect(answer.setCookies[0]).toMatch(new RegExp(`max-age=${10 * 86_400}\\b`, 'i'));
    expect(answer.json<{ session: object }>().session).toMatchObject({ persistent: true });
    for (const days of [9, 9]) {
      app.clock.advance(days * 86_400_000);
      expect((await client.get('/auth/me')).status).toBe(200);
    }
    app.clock.advance(3 * 86_400_000);
    expect((await client.get('/auth/me')).status).toBe(401);
    expect(
      (await postForm(app.browser(), LOGIN, { username: 'alice', password: PASSWORD, remember: 'on' })).setCookies[0],
    ).toMatch(/max-age/i);
  });

  it('counts only while it is still true what was proved', async () => {
    const app = await start();
    const { user } = await app.users.create({ username: 'alice', password: PASSWORD });
    const { attempts } = app.app.get(AuthStorage);
    const clear = attempts.clear.bind(attempts);
    const meanwhile = [() => app.users.setPassword(user.id, OTHER_PASSWORD), () => app.users.disable(user.id)];
    for (const [n, change] of meanwhile.entries()) {
      attempts.clear = async (keys) => {
        await clear(keys);
        await change();
      };
      const answer = await app
        .browser()
        .post(LOGIN, { username: 'alice', password: n === 0 ? PASSWORD : OTHER_PASSWORD });
      expect([answer.status, codeOf(answer), answer.setCookies]).toEqual([401, 'invalid_credentials', []]);
    }
    expect(await app.sessions.count()).toBe(0);
  });

  it('gives unrelated tokens', async () => {
    const app = await start({ auth: { maxSessionsPerUser: 0 } });
    await app.users.create({ username: 'alice', password: PASSWORD });
    const clients = await Promise.all(Array.from({ length: 20 }, () => app.signedIn()));
    const parts = clients.flatMap((client) => client.cookies.get('sid')!.split('.'));
    expect(new Set(parts).size).toBe(40);
  });

  it('leaves no password in an answer or the audit trail', async () => {
    const app = await start();
    await app.users.create({ username: 'alice', password: PASSWORD });
    const answers = [
      await app.browser().post(LOGIN, { username: 'alice', password: 'hunter2-hunter2-hunter2' }),
      await app.browser().post(LOGIN, { username: 'nobody', password: 'hunter2-hunter2-hunter2' }),
      await app.browser().post(LOGIN, { username: 'alice', password: 'hunter2-hunter2-hunter2', hunter2: 1 }),
    ];
    expect(answers.map(({ text }) => text).join() + JSON.stringify(app.audit)).not.toContain('hunter2');
    expect(app.audit.map(({ type, detail }) => [type, detail])).toEqual([
      ['user.created', null],
      ['login.failed', 'wrong_password'],
      ['login.failed', 'unknown_user'],
    ]);
  });
});

sharingApps(onEveryPlatform)('Logout', (start) => {
  it('ends the session everywhere, clears the cookie, and can be repeated', async () => {
    const app = await start();
    await app.users.create({ username: 'alice', password: PASSWORD });
    const other = await app.signedIn();
    const client = await app.signedIn();
    const stolen = app.browser({ cookie: `sid=${client.cookies.get('sid')}` });
    for (const round of [1, 2]) {
      const answer = await client.post('/auth/logout');
      expect([round, answer.status, answer.headers.get('clear-site-data')]).toEqual([round, 204, '"cache", "storage"']);
      expect(answer.setCookies[0]).toMatch(/^sid=;.*max-age=0/i);
    }
    expect((await stolen.get('/auth/me')).status).toBe(401);
    expect((await other.get('/auth/me')).status).toBe(200);
    expect(app.audit.filter(({ type }) => type === 'logout')).toHaveLength(1);
  });

  it('is a 303 for a form that carries its token', async () => {
    const app = await start({ controllers: [DataController] });
    await app.users.create({ username: 'alice', password: PASSWORD });
    const client = await app.signedIn();
    const refused = await postForm(client, '/auth/logout', {});
    expect([refused.status, codeOf(refused)]).toEqual([403, 'csrf_token']);
    const { token } = (await client.get('/data/token')).json<{ token: string }>();
    const answer = await postForm(client, '/auth/logout', { _csrf: token });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/']);
    expect((await client.get('/auth/me')).status).toBe(401);
  });
});
