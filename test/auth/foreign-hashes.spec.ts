import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import bcrypt from 'bcrypt';
import { type AuthModuleOptions, type AuthModuleSetup, PasswordVerifier } from 'nest-gatehouse/auth';
import { AuthStorage } from 'nest-gatehouse/auth/storage';
import { codeOf, LOGIN, onOnePlatform, PASSWORD, type AuthApp, type StartAuthApp } from './support/auth-app.js';
import { digest, hashOfOurs, NEW_PEPPER, plainHash } from './support/stored-hashes.js';
import { sharingApps } from '../support/apps/combinations.js';

const derive = promisify(scrypt) as (password: string, salt: Buffer, length: number) => Promise<Buffer>;

async function scryptHash(password: string): Promise<string> {
  const salt = randomBytes(16);
  return `scrypt:${salt.toString('hex')}:${(await derive(password, salt, 32)).toString('hex')}`;
}

/** Hashes of an application that used Node's own scrypt. */
class ScryptVerifier extends PasswordVerifier {
  override readonly dummyHash = `scrypt:${'00'.repeat(16)}:${'00'.repeat(32)}`;

  override recognises(passwordHash: string): boolean {
    return /^scrypt:[0-9a-f]{32}:[0-9a-f]{64}$/.test(passwordHash);
  }

  override async verify(password: string, passwordHash: string): Promise<boolean> {
    const [, salt, key] = passwordHash.split(':').map((part) => Buffer.from(part, 'hex'));
    return timingSafeEqual(await derive(password, salt!, 32), key!);
  }
}

function startWith(start: StartAuthApp, verifier: PasswordVerifier, auth: AuthModuleOptions & AuthModuleSetup = {}) {
  @Module({ providers: [{ provide: PasswordVerifier, useValue: verifier }], exports: [PasswordVerifier] })
  class OldPasswordsModule {}
  return start({ auth: { ...auth, imports: [OldPasswordsModule] } });
}

async function insert(app: AuthApp, username: string, stored: { passwordHash: string; pepperId: string | null }) {
  const { users } = app.app.get(AuthStorage);
  await users.insert({ id: username, username, canonicalUsername: username, createdAt: app.clock.now(), ...stored });
  return async () => (await users.findById(username))!;
}

const login = async (app: AuthApp, username: string, password: unknown) => {
  const answer = await app.browser().post(LOGIN, { username, password });
  return [answer.status, codeOf(answer)];
};
const WRONG = [401, 'invalid_credentials'];
const RIGHT = [200, undefined];

sharingApps(onOnePlatform)('An account of another program', (start) => {
  it.each(['a', 'b', 'y'])('with a plain bcrypt hash ($2%s$) signs in, and is moved over', async (minor) => {
    const app = await start({ auth: { bcryptCost: 5, peppers: [NEW_PEPPER] } });
    const old = 'étude'; // Shorter than the policy of today.
    const record = await insert(app, 'alice', await plainHash(old, 4, minor));
    const before = await record();
    expect(await login(app, 'alice', 'etude')).toEqual(WRONG);
    expect(await record()).toEqual(before);
    expect(await login(app, 'alice', old)).toEqual(RIGHT);
    const { passwordHash, pepperId } = await record();
    expect([passwordHash!.slice(0, 7), pepperId]).toEqual(['$2b$05$', 'new']);
    expect(await bcrypt.compare(digest(old, NEW_PEPPER), passwordHash!)).toBe(true);
    expect(await login(app, 'alice', old)).toEqual(RIGHT);
  });

  it('has a password of as many bytes as bcrypt reads, and all of it counts from then on', async () => {
    const app = await start();
    const long = 'é'.repeat(40);
    const record = await insert(app, 'alice', await plainHash(long, 4));
    expect(await login(app, 'alice', long)).toEqual(RIGHT);
    expect((await record()).pepperId).toBe('');
    expect(await login(app, 'alice', 'é'.repeat(39))).toEqual(WRONG);
    expect(await login(app, 'alice', long)).toEqual(RIGHT);
  });

  it('cannot be entered by what bcrypt takes for the same', async () => {
    const app = await start();
    await insert(app, 'alice', await plainHash(PASSWORD, 4));
    for (const password of [`${PASSWORD}\u0000`, `${PASSWORD}\u0000more`, '', `\u0000`]) {
      expect(await login(app, 'alice', password)).toEqual(WRONG);
    }
    await insert(app, 'bob', { ...(await plainHash(PASSWORD, 4)), pepperId: 'new' });
    await insert(app, 'carol', { ...(await plainHash(PASSWORD, 4)), pepperId: '' });
    await insert(app, 'dave', await plainHash(PASSWORD, 4, 'x'));
    for (const name of ['bob', 'carol', 'dave']) expect(await login(app, name, PASSWORD)).toEqual(WRONG);
  });

  it('does not lock out those of our first releases, whose hashes look alike', async () => {
    const app = await start();
    const record = await insert(app, 'alice', { ...(await hashOfOurs(PASSWORD, 4)), pepperId: null });
    expect(await login(app, 'alice', PASSWORD)).toEqual(RIGHT);
    expect((await record()).pepperId).toBe('');
    expect(await login(app, 'alice', digest(PASSWORD))).toEqual(WRONG);
    expect(await login(app, 'alice', PASSWORD)).toEqual(RIGHT);
  });

  it('with a hash that a PasswordVerifier recognises signs in, and is moved over', async () => {
    const app = await startWith(start, new ScryptVerifier());
    const record = await insert(app, 'alice', { passwordHash: await scryptHash(PASSWORD), pepperId: null });
    await insert(app, 'bob', await plainHash(PASSWORD, 4));
    expect(await login(app, 'alice', 'another password')).toEqual(WRONG);
    expect(await login(app, 'alice', PASSWORD)).toEqual(RIGHT);
    expect((await record()).passwordHash).toMatch(/^\$2b\$04\$/);
    expect(await login(app, 'alice', PASSWORD)).toEqual(RIGHT);
    expect(await login(app, 'bob', PASSWORD)).toEqual(RIGHT);
    expect(await login(app, 'nobody', PASSWORD)).toEqual(WRONG);
    const client = await app.signedIn('bob');
    expect((await client.post('/auth/reauthenticate', { password: PASSWORD })).status).toBe(204);
  });

  it('is not let in by a verifier that fails, answers something else, or never', async () => {
    const failing = new ScryptVerifier();
    const app = await startWith(start, failing, { hashWait: '50ms', networkLimit: 0, freeFailures: 1_000 });
    await app.users.create({ username: 'ours', password: PASSWORD });
    await insert(app, 'alice', { passwordHash: await scryptHash(PASSWORD), pepperId: null });
    const faults: [string, () => Promise<boolean>][] = [
      ['rejects', () => Promise.reject(new Error(PASSWORD))],
      [
        'throws',
        () => {
          throw new TypeError(PASSWORD);
        },
      ],
      ['never answers', () => new Promise(() => {})],
    ];
    for (const [fault, verify] of faults) {
      failing.verify = verify;
      for (const name of ['alice', 'nobody', 'ours']) {
        const password = name === 'alice' ? PASSWORD : 'a wrong password';
        expect([fault, name, await login(app, name, password)]).toEqual([fault, name, [503, 'password_check_failed']]);
      }
      expect([fault, await login(app, 'ours', PASSWORD)]).toEqual([fault, RIGHT]);
    }
    failing.verify = (() => Promise.resolve('no')) as unknown as typeof failing.verify;
    expect(await login(app, 'alice', PASSWORD)).toEqual(WRONG);
  });
});
