import { expect, it } from '@jest/globals';
import { codeOf, LOGIN, onEveryPlatform, OTHER_PASSWORD, PASSWORD } from './support/auth-app.js';
import { sharingApps } from '../support/apps/combinations.js';

/** Halves of a character: as bytes they are all the same. */
const HALVES = [
  '\ud800'.repeat(16),
  '\udfff'.repeat(16),
  `${PASSWORD}\ud83d`,
  `\ude00${PASSWORD}`,
  '\ude00\ud83d'.repeat(8),
];

sharingApps(onEveryPlatform)('Text that is not well-formed', (start) => {
  it('is no password: not one that can be set', async () => {
    const app = await start();
    const { user } = await app.users.create({ username: 'alice', password: PASSWORD });
    const client = await app.signedIn();
    for (const half of HALVES) {
      const rejected = { code: 'password_rejected' };
      await expect(app.users.create({ username: 'bob', password: half })).rejects.toMatchObject(rejected);
      await expect(app.users.setPassword(user.id, half)).rejects.toMatchObject(rejected);
      const answer = await client.post('/auth/password', { currentPassword: PASSWORD, newPassword: half });
      expect([answer.status, codeOf(answer)]).toEqual([422, 'password_rejected']);
      expect(answer.json().errors).toEqual([{ field: 'newPassword', message: expect.stringContaining('characters') }]);
    }
    expect(await app.users.find('bob')).toBeNull();
  });

  it('is no password: not one that signs in', async () => {
    const app = await start({ auth: { freeFailures: 100 } });
    // What all of them are as bytes.
    await app.users.create({ username: 'alice', password: '\ufffd'.repeat(16) });
    const client = await app.signedIn('alice', '\ufffd'.repeat(16));
    for (const half of HALVES) {
      for (const answer of [
        await app.browser().post(LOGIN, { username: 'alice', password: half }),
        await client.post('/auth/reauthenticate', { password: half }),
        await client.post('/auth/password', { currentPassword: half, newPassword: OTHER_PASSWORD }),
      ]) {
        expect([answer.status, codeOf(answer)]).toEqual([401, 'invalid_credentials']);
      }
    }
  });

  it('is no username', async () => {
    const app = await start({ auth: { freeFailures: 100 } });
    await app.users.create({ username: 'alice\ufffd', password: PASSWORD });
    for (const username of ['alice\ud800', '\udfffalice', 'alice\ude00\ud83d']) {
      const refused = app.users.create({ username, password: PASSWORD });
      await expect(refused).rejects.toMatchObject({ code: 'username_invalid', problem: { status: 400 } });
      expect(await app.users.find(username)).toBeNull();
      const answer = await app.browser().post(LOGIN, { username, password: PASSWORD });
      expect([answer.status, codeOf(answer)]).toEqual([401, 'invalid_credentials']);
    }
  });
});
