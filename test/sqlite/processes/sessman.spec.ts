import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  SqliteApiKeyStore,
  SqliteDatabase,
  SqliteIdempotencyStore,
  SqliteSessionStore,
  SqliteUserStore,
} from 'nest-gatehouse/sqlite';
import { aClaim, anApiKey } from '../../support/records/api-keys.js';
import { newSession } from '../../support/records/sessions.js';
import { StoreProcess } from '../support/store-process.js';
import { temporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.js';

const VERSION_5 = fileURLToPath(new URL('../support/version-5.mjs', import.meta.url));
const USER_VERSION = 60;

let directory: TemporaryDirectory;
let file: string;

beforeEach(() => {
  directory = temporaryDirectory();
  file = join(directory.path, 'sessman.db');
});

afterEach(async () => {
  await StoreProcess.killAll();
  directory.remove();
});

describe('Several processes with API keys in one SQLite file', () => {
  it('see at once what another has issued, rotated and revoked', async () => {
    const [here, there] = [await StoreProcess.open(file), await StoreProcess.open(file)];
    const key = anApiKey();
    await here.call('keys', 'insert', key);
    expect(await there.call('keys', 'read', key.id)).toEqual(key);
    for (let round = 0; round < 20; round++) {
      const before = await there.call<{ secretHash: string }>('keys', 'read', key.id);
      const secrets = { secretHash: `hash ${round}`, formerSecretHash: null, formerSecretUntil: 0 };
      await here.call('keys', 'rotate', key.id, { ...secrets, expectedSecretHash: before.secretHash });
      expect(await there.call('keys', 'read', key.id)).toMatchObject(secrets);
    }
    expect(await here.call('keys', 'delete', key.id)).toBe(true);
    expect(await there.call('keys', 'read', key.id)).toBeNull();
    expect(await there.call('keys', 'delete', key.id)).toBe(false);
  });

  it('claim an idempotency key once of 100 times at once', async () => {
    const processes = await Promise.all([1, 2].map(() => StoreProcess.open(file)));
    const claimsOf = (n: number) => Array.from({ length: 50 }, (_, m) => aClaim({ owner: `${n} ${m}` }));
    const statuses = (await Promise.all(processes.map((each, n) => each.claimAll(claimsOf(n))))).flat();
    expect(statuses.filter((status) => status === 'claimed')).toHaveLength(1);
    expect(statuses.filter((status) => status === 'running')).toHaveLength(99);
  });

  it('keep the claim of one that was killed until its lease is over, and an answer for good', async () => {
    const dying = await StoreProcess.open(file);
    const [claim, answered] = [aClaim(), aClaim({ key: 'order-2' })];
    for (const each of [claim, answered]) await dying.call('idempotency', 'claim', each);
    await dying.call('idempotency', 'complete', { ...answered, answer: 'kept' });
    await dying.kill();

    const next = await StoreProcess.open(file);
    const claimAt = (now: number) => next.call('idempotency', 'claim', aClaim({ now, owner: 'attempt-2' }));
    expect(await claimAt(claim.leaseUntil - 1)).toEqual({ status: 'running', leaseUntil: claim.leaseUntil });
    expect(await claimAt(claim.leaseUntil)).toEqual({ status: 'claimed' });
    const again = await next.call('idempotency', 'claim', { ...answered, owner: 'attempt-2' });
    expect(again).toEqual({ status: 'done', answer: 'kept' });
  });
});

describe('A SQLite file of the release before API keys', () => {
  it('is brought up to date, with what is in it, and takes keys from then on', async () => {
    const present = join(directory.path, 'present.db');
    const session = newSession({ userId: 'ann', data: '{"cart":["tea"]}' });
    const account = { id: 'ann', username: 'Ann', canonicalUsername: 'ann', createdAt: 1, oneTimeExpiresAt: 5 };
    const made = await SqliteDatabase.open({ file: present });
    await new SqliteSessionStore(made).insert(session);
    const user = await new SqliteUserStore(made).insert(account);
    await made.close();
    execFileSync(process.execPath, [VERSION_5, present, file], { env: { ...process.env, NODE_OPTIONS: '' } });
    expect(readFileSync(file).readUInt32BE(USER_VERSION)).toBe(5);

    const database = await SqliteDatabase.open({ file });
    expect(await new SqliteSessionStore(database).read(session.handle)).toEqual(session);
    expect(await new SqliteUserStore(database).findById('ann')).toEqual(user);
    const key = anApiKey();
    await new SqliteApiKeyStore(database).insert(key);
    expect(await new SqliteIdempotencyStore(database).claim(aClaim())).toEqual({ status: 'claimed' });
    await database.close();

    const again = await SqliteDatabase.open({ file });
    expect(await new SqliteApiKeyStore(again).read(key.id)).toEqual(key);
    await again.close();
  });
});
