import { expect, it } from '@jest/globals';
import { codeOf, onOnePlatform, OTHER_PASSWORD, PASSWORD, postForm } from './support/auth-app.js';
import { MINUTE } from '../support/apps/fake-clock.js';
import { sharingApps } from '../support/apps/combinations.js';

sharingApps(onOnePlatform)('A password change', (start) => {
  it('ends the other sessions, swaps this one’s secret, and makes the new password the only one', async () => {
    const app = await start();
    await app.users.create({ username: 'alice', password: PASSWORD });
    const other = await app.signedIn();
    const client = await app.signedIn();
    const before = client.cookies.get('sid')!;
    expect(
      (await client.post('/auth/password', { currentPassword: PASSWORD, newPassword: OTHER_PASSWORD })).status,
    ).toBe(204);
    expect(client.cookies.get('sid')!.split('.')[0]).toBe(before.split('.')[0]);
    expect((await app.browser({ cookie: `sid=${before}` }).get('/auth/me')).status).toBe(401);
    expect((await other.get('/auth/me')).status).toBe(401);
    expect((await client.get('/auth/me')).status).toBe(200);
    app.clock.advance(MINUTE);
    expect((await client.get('/auth/me')).status).toBe(200);
    expect((await app.browser().post('/auth/login', { username: 'alice', password: PASSWORD })).status).toBe(401);
    await app.signedIn('alice', OTHER_PASSWORD);
    expect(app.audit.map(({ type }) => type)).toContain('password.changed');
  });

  it('refuses what is short, common, the user’s own name or the same again, and changes nothing', async () => {
    const app = await start({ auth: { password: { blockedWords: ['Gatehouse Gatehouse'] } } });
    await app.users.create({ username: 'alice-with-a-long-name', password: PASSWORD });
    const client = await app.signedIn('alice-with-a-long-name');
    const refused = [
      'fourteen chars',
      '😀'.repeat(14),
      'passwordpassword',
      'QwertyuiopQwertyuiop',
      'ALICE-with-a-long-name',
      'gatehouse GATEHOUSE',
      PASSWORD,
      'x'.repeat(1_025),
    ];
    for (const newPassword of refused) {
      const answer = await client.post('/auth/password', { currentPassword: PASSWORD, newPassword });
      expect([newPassword, answer.status, codeOf(answer)]).toEqual([newPassword, 422, 'password_rejected']);
      expect(answer.json().errors).toEqual([{ field: 'newPassword', message: expect.any(String) }]);
    }
    expect(
      (await client.post('/auth/password', { currentPassword: PASSWORD, newPassword: '😀'.repeat(15) })).status,
    ).toBe(204);
    await app.signedIn('alice-with-a-long-name', '😀'.repeat(15));
  });

  it('of two at once lets one win', async () => {
    const app = await start({ auth: { freeFailures: 50 } });
    await app.users.create({ username: 'alice', password: PASSWORD });
    const client = await app.signedIn();
    const newPasswords = Array.from({ length: 6 }, (_, n) => `a new password, number ${n}`);
    const answers = await Promise.all(
      newPasswords.map((newPassword) => client.post('/auth/password', { currentPassword: PASSWORD, newPassword })),
    );
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    for (const { status } of answers) expect([204, 401, 409]).toContain(status);
  });

  it('by a form goes on to the account page', async () => {
    const app = await start();
    await app.users.create({ username: 'alice', password: PASSWORD });
    const client = await app.signedIn();
    const form = await postForm(client, '/auth/password', { currentPassword: PASSWORD, newPassword: OTHER_PASSWORD });
    expect(codeOf(form)).toBe('csrf_token');
    await app.signedIn();
  });
});
