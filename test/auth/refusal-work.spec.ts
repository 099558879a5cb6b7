import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { Module } from '@nestjs/common';
import bcrypt from 'bcrypt';
import { PasswordVerifier } from 'nest-gatehouse/auth';
import { AuthStorage } from 'nest-gatehouse/auth/storage';
import { LOGIN, onOnePlatform, PASSWORD, type AuthApp } from './support/auth-app.js';
import { hashOfOurs, OLD_PEPPER, plainHash } from './support/stored-hashes.js';
import { MINUTE } from '../support/apps/fake-clock.js';

const WRONG = 'a wrong password, quite wrong';

/** Keeps hashes that are no secret: it is only counted how often it is asked. */
class CountingVerifier extends PasswordVerifier {
  override readonly dummyHash = 'theirs:nobody';
  asked = 0;

  override recognises(hash: string): boolean {
    return hash.startsWith('theirs:');
  }

  override async verify(password: string, hash: string): Promise<boolean> {
    this.asked++;
    return hash === `theirs:${password}`;
  }
}

onOnePlatform('A refused sign-in', (start) => {
  let rounds = 0;
  const compare = bcrypt.compare.bind(bcrypt) as (password: string, hash: string) => Promise<boolean>;

  beforeEach(() => {
    const counting = (password: string, hash: string) => {
      rounds += 2 ** Number(hash.slice(4, 6));
      return compare(password, hash);
    };
    // As it is, but counted.
    jest.spyOn(bcrypt, 'compare').mockImplementation(counting as never);
  });

  afterEach(() => void jest.restoreAllMocks());

  const auth = { networkLimit: 0, freeFailures: 1_000 };

  async function roundsOf(app: AuthApp, username: string, password: unknown = WRONG): Promise<number> {
    rounds = 0;
    const { status } = await app.browser().post(LOGIN, { username, password });
    expect([username, status]).toEqual([username, 401]);
    return rounds;
  }

  async function insert(app: AuthApp, username: string, fields: object): Promise<string> {
    const { users } = app.app.get(AuthStorage);
    await users.insert({ id: username, username, canonicalUsername: username, createdAt: app.clock.now(), ...fields });
    return username;
  }

  it('takes the same work whoever is asked for, whatever cost, pepper or program their hash is of', async () => {
    const app = await start({ auth: { ...auth, bcryptCost: 5 } });
    const now = app.clock.now();
    const names = [
      await insert(app, 'cheap', await hashOfOurs(PASSWORD, 4)),
      await insert(app, 'usual', await hashOfOurs(PASSWORD, 5)),
      await insert(app, 'dear', await hashOfOurs(PASSWORD, 8)),
      await insert(app, 'lost-pepper', await hashOfOurs(PASSWORD, 8, OLD_PEPPER)),
      await insert(app, 'unmarked', { ...(await hashOfOurs(PASSWORD, 6)), pepperId: null }),
      await insert(app, 'plain-a', await plainHash(PASSWORD, 6, 'a')),
      await insert(app, 'plain-b', await plainHash(PASSWORD, 5, 'b')),
      await insert(app, 'plain-y', await plainHash(PASSWORD, 4, 'y')),
      await insert(app, 'no-bcrypt', {
        passwordHash: '$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$aGFzaA',
        pepperId: null,
      }),
      await insert(app, 'too-dear', { passwordHash: `$2b$31$${'a'.repeat(53)}`, pepperId: null }),
      await insert(app, 'hash-less', {}),
      await insert(app, 'disabled', { ...(await hashOfOurs(PASSWORD, 8)), disabled: true }),
      await insert(app, 'used', { ...(await hashOfOurs(PASSWORD, 5)), oneTimeExpiresAt: now + 9, oneTimeUsedAt: now }),
      await insert(app, 'expired', { ...(await hashOfOurs(PASSWORD, 5)), oneTimeExpiresAt: now }),
      'nobody',
      '\u0000',
    ];
    for (const name of names) expect([name, await roundsOf(app, name)]).toEqual([name, 2 ** 8]);
    for (const password of ['', 'x'.repeat(1_025), { $ne: null }, '\ud800'.repeat(16), `${WRONG}\u0000`]) {
      for (const name of ['usual', 'plain-a', 'nobody']) expect(await roundsOf(app, name, password)).toBe(2 ** 8);
    }
    for (const name of ['disabled', 'used', 'expired', 'lost-pepper']) {
      expect([name, await roundsOf(app, name, PASSWORD)]).toEqual([name, 2 ** 8]);
    }
  });

  it('takes no more than one hash where all accounts are of today', async () => {
    const app = await start({ auth: { ...auth, bcryptCost: 6 } });
    await app.users.create({ username: 'alice', password: PASSWORD });
    for (const name of ['nobody', 'alice']) expect(await roundsOf(app, name)).toBe(2 ** 6);
    rounds = 0;
    await app.signedIn();
    expect(rounds).toBe(2 ** 6);
  });

  it('goes by what other processes store, a minute later at most', async () => {
    const app = await start({ auth: { ...auth, bcryptCost: 5 } });
    expect(await roundsOf(app, 'nobody')).toBe(2 ** 5);
    await insert(app, 'dear', await hashOfOurs(PASSWORD, 7));
    app.clock.advance(MINUTE);
    expect(await roundsOf(app, 'nobody')).toBe(2 ** 7);
  });

  it('asks a PasswordVerifier once, whoever is asked for, and a sign-in that succeeds only where it must', async () => {
    const verifier = new CountingVerifier();
    @Module({ providers: [{ provide: PasswordVerifier, useValue: verifier }], exports: [PasswordVerifier] })
    class VerifierModule {}
    const app = await start({ auth: { ...auth, bcryptCost: 5, imports: [VerifierModule] } });
    await app.users.create({ username: 'alice', password: PASSWORD });
    await insert(app, 'theirs', { passwordHash: `theirs:${PASSWORD}`, pepperId: null });
    await insert(app, 'plain', await plainHash(PASSWORD, 5, 'a'));
    const { user } = await app.users.create({ username: 'disabled', password: PASSWORD });
    await app.users.disable(user.id);
    for (const name of ['alice', 'theirs', 'plain', 'disabled', 'nobody']) {
      verifier.asked = 0;
      expect([name, await roundsOf(app, name), verifier.asked]).toEqual([name, 2 ** 5, 1]);
    }
    for (const [name, asked] of [
      ['alice', 0],
      ['plain', 0],
      ['theirs', 1],
      ['theirs', 0],
    ] as const) {
      verifier.asked = 0;
      await app.signedIn(name);
      expect([name, verifier.asked]).toEqual([name, asked]);
    }
  });
});
