import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, afterAll, describe, expect, it } from '@jest/globals';
import { SqliteApiKeyStore, SqliteDatabase } from 'nest-gatehouse/sqlite';
import type { ApiKeyRecord } from 'nest-gatehouse/sessman/storage';
import { HOUR } from '../support/apps/fake-clock.js';
import { gatehouse, gatehouseProcess, type CommandResult } from '../support/servers/command-line.js';
import { cleanUp, temporaryDirectory } from '../support/servers/reference-server.js';

const DAY = 24 * HOUR;
const CREATE = 'apikey:create --namespace shop --scope sessions:read';
const NOBODYS = '0'.repeat(20);

interface Issued {
  readonly id: string;
  readonly key: string;
  readonly expiresAt: string | null;
}

describe('the command line of API keys', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await temporaryDirectory();
  });

  afterAll(cleanUp);

  const run = (args: string, env?: Record<string, string>): Promise<CommandResult> =>
    gatehouse(args.split(' '), { directory, env });

  /** What is in the file. */
  async function stored(id: string): Promise<ApiKeyRecord | null> {
    const database = await SqliteDatabase.open({ file: join(directory, 'data/gatehouse.db') });
    const record = await new SqliteApiKeyStore(database).read(id);
    await database.close();
    return record;
  }

  const hashOf = (key: string) => createHash('sha256').update(key.slice(24)).digest('base64url');

  it('makes a key that is printed once, of which the file has only the hash', async () => {
    const before = Date.now();
    const made = await run(`${CREATE} --scope sessions:write --expires 90d --json`);
    expect([made.status, made.stderr]).toEqual([0, '']);
    const { id, key, expiresAt } = made.json<Issued>();
    expect(made.json()).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{20}$/),
      key: expect.stringMatching(new RegExp(`^gh_${id}_[\\w-]{43}$`)),
      namespace: 'shop',
      scopes: ['sessions:read', 'sessions:write'],
      expiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
    const record = await stored(id);
    expect(record).toMatchObject({ secretHash: hashOf(key), namespace: 'shop', ownerId: null });
    expect(record?.expiresAt).toBe(Date.parse(expiresAt!));
    expect(record!.expiresAt! - before).toBeGreaterThanOrEqual(90 * DAY);
    expect(record!.expiresAt! - Date.now()).toBeLessThanOrEqual(90 * DAY);
    expect(readFileSync(join(directory, 'data/gatehouse.db'), 'latin1')).not.toContain(key.slice(24));
  });

  it('makes a key for ever and for nobody where nothing else is said', async () => {
    const { id, expiresAt } = (await run(`${CREATE} --json`)).json<Issued>();
    expect(expiresAt).toBeNull();
    expect(await stored(id)).toMatchObject({ expiresAt: null, ownerId: null, lastUsedAt: null });
  });

  it('gives a key to an account, whatever the case of its name', async () => {
    const ada = (await run('user:create Ada --json')).json<{ id: string }>();
    const made = (await run(`${CREATE} --owner aDa --json`)).json<Issued>();
    expect(made).toMatchObject({ owner: 'Ada' });
    expect(await stored(made.id)).toMatchObject({ ownerId: ada.id });
    await run('user:disable ada');
    const refused = await run(`${CREATE} --owner ada --json`);
    expect([refused.status, JSON.parse(refused.stderr)]).toMatchObject([1, { status: 400, code: 'owner_invalid' }]);
  });

  it('lists keys, newest first, without their secrets', async () => {
    expect((await run('apikey:list')).stdout).toBe('There is no API key yet.\n');
    expect((await run('apikey:list --json')).json()).toEqual({ items: [], next: null });
    await run('user:create ada');
    const first = (await run(`${CREATE} --json`)).json<Issued>();
    const second = (await run(`${CREATE} --scope sessions:list --owner ada --expires 12h --json`)).json<Issued>();
    const listed = await run('apikey:list --json');
    const times = { createdAt: expect.any(String), lastUsedAt: null };
    expect(listed.json()).toEqual({
      items: [
        {
          id: second.id,
          namespace: 'shop',
          scopes: ['sessions:read', 'sessions:list'],
          owner: 'ada',
          expiresAt: second.expiresAt,
          ...times,
        },
        { id: first.id, namespace: 'shop', scopes: ['sessions:read'], owner: null, expiresAt: null, ...times },
      ],
      next: null,
    });
    const { stdout } = await run('apikey:list');
    const [head, one, two] = stdout.split('\n');
    expect(head).toMatch(/^ID +NAMESPACE +SCOPES +OWNER +EXPIRES +LAST USED$/);
    expect(one).toMatch(new RegExp(`^${second.id} +shop +sessions:read sessions:list +ada +\\d{4}-.{11} +never$`));
    expect(two).toMatch(new RegExp(`^${first.id} +shop +sessions:read +- +never +never$`));
    for (const { key } of [first, second]) expect(listed.stdout + stdout).not.toContain(key.slice(24));
  });

  it('rotates a key, at once or with an overlap', async () => {
    const { id, key, ...made } = (await run(`${CREATE} --json`)).json<Issued>();
    const rotated = (await run(`apikey:rotate ${id} --json`)).json<Issued>();
    expect(rotated).toEqual({ id, key: expect.stringMatching(`^gh_${id}_`), ...made });
    expect(await stored(id)).toMatchObject({ secretHash: hashOf(rotated.key), formerSecretHash: null });
    expect(rotated.key).not.toBe(key);

    const before = Date.now();
    const again = (await run(`apikey:rotate --overlap 1h ${id} --json`)).json<Issued>();
    const record = await stored(id);
    expect(record).toMatchObject({ secretHash: hashOf(again.key), formerSecretHash: hashOf(rotated.key) });
    expect(record!.formerSecretUntil - before).toBeGreaterThanOrEqual(HOUR);
    expect(record!.formerSecretUntil - Date.now()).toBeLessThanOrEqual(HOUR);
  });

  it('revokes a key', async () => {
    const { id } = (await run(`${CREATE} --json`)).json<Issued>();
    expect((await run(`apikey:revoke ${id} --json`)).json()).toEqual({ id, revoked: true });
    expect(await stored(id)).toBeNull();
    const again = await run(`apikey:revoke ${id} --json`);
    expect([again.status, JSON.parse(again.stderr)]).toMatchObject([1, { status: 404, code: 'api_key_not_found' }]);
  });

  it('says in words what it has done', async () => {
    const made = await run(CREATE);
    expect(made.stdout).toMatch(
      /^Made an API key for the namespace shop \(sessions:read\)\.\nKey: gh_\w{20}_\S{43}\nIt is shown this once\. /,
    );
    const id = made.stdout.slice(made.stdout.indexOf('gh_') + 3).slice(0, 20);
    expect((await run(`apikey:rotate ${id}`)).stdout).toMatch(
      new RegExp(`^The old secret of ${id} is not accepted any more\\.\\nKey: gh_${id}_\\S{43}\\n`),
    );
    expect((await run(`apikey:rotate ${id} --overlap 1h`)).stdout).toMatch(/ is accepted until \d{4}-.{11} UTC\.\n/);
    expect((await run(`apikey:revoke ${id}`)).stdout).toBe(`The API key ${id} is not accepted any more.\n`);
  });

  it.each([
    ['apikey:create --namespace Shop --scope sessions:read', 'namespace_invalid', 'namespace'],
    ['apikey:create --namespace shop --scope sessions:all', 'scopes_invalid', 'scopes'],
    ['apikey:create --namespace shop --scope sessions:read --scope sessions:read', 'scopes_invalid', 'scopes'],
    [`${CREATE} --expires 4000d`, 'expires_at_invalid', 'expiresAt'],
    [`${CREATE} --owner nobody`, 'owner_invalid', 'owner'],
    [`${CREATE} --owner -aaaaaaaaaaaaaaaaaaaaa`, 'owner_invalid', 'owner'],
    [`apikey:rotate ${NOBODYS} --overlap 31d`, 'overlap_invalid', 'overlap'],
    [`apikey:rotate ${NOBODYS}`, 'api_key_not_found', undefined],
    [`apikey:revoke ${NOBODYS}`, 'api_key_not_found', undefined],
    ['apikey:revoke -aaaaaaaaaaaaaaaaaaaaa', 'api_key_not_found', undefined],
  ])('refuses %s with status 1, and names the field', async (args, code, field) => {
    const refused = await run(`${args} --json`);
    expect([refused.status, refused.stdout]).toEqual([1, '']);
    const problem = JSON.parse(refused.stderr) as { code: string; errors?: { field: string }[] };
    expect([problem.code, problem.errors?.[0]?.field]).toEqual([code, field]);
  });

  it.each([
    'apikey:create',
    'apikey:create --namespace shop',
    'apikey:create --scope sessions:read',
    `${CREATE} --expires`,
    `${CREATE} --expires soon`,
    `${CREATE} --expires 90`,
    `${CREATE} extra`,
    'apikey:list extra',
    'apikey:rotate',
    `apikey:rotate ${NOBODYS} --overlap -1h`,
    'apikey:revoke',
    'apikey:delete x',
  ])('calls `%s` wrong usage, with status 2', async (args) => {
    const plain = await run(args);
    expect([plain.status, plain.stdout]).toEqual([2, '']);
    const json = await run(`${args} --json`);
    expect([json.status, json.stdout]).toEqual([2, '']);
    expect(JSON.parse(json.stderr)).toMatchObject({ status: 400, code: 'wrong_usage' });
  });

  it('is a program: output, errors and status are those of its process', async () => {
    const program = (args: string) => gatehouseProcess(args.split(' '), { directory });
    const made = await program(`${CREATE} --json`);
    expect([made.status, made.stderr, made.json<Issued>().key.slice(0, 3)]).toEqual([0, '', 'gh_']);
    const refused = await program(`apikey:revoke ${NOBODYS}`);
    expect([refused.status, refused.stdout, refused.stderr]).toEqual([1, '', 'There is no API key with this id.\n']);
  });

  it('says that keys in memory are out of its reach', async () => {
    const refused = await run('apikey:list --json', { STORAGE: 'memory' });
    expect([refused.status, JSON.parse(refused.stderr)]).toMatchObject([1, { code: 'storage_out_of_reach' }]);
  });
});
