import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SqliteDatabase, SqliteSessionStore } from 'nest-gatehouse/sqlite';
import { BrowserClient } from '../support/browser/browser-client.js';
import { gatehouse, gatehouseProcess, type CommandResult } from '../support/servers/command-line.js';
import { newSession } from '../support/records/sessions.js';
import { cleanUp, ReferenceServer, temporaryDirectory } from '../support/servers/reference-server.js';

const PASSWORD = 'correct horse battery staple';

describe('the command line', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await temporaryDirectory();
  });

  afterEach(() => ReferenceServer.stopAll());
  afterAll(cleanUp);

  const run = (args: string, input?: string, env?: Record<string, string>): Promise<CommandResult> =>
    gatehouse(args.split(' ').filter(Boolean), { directory, input, env });
  const startServer = () => ReferenceServer.start({ inHost: true, directory, env: { BCRYPT_COST: '4' } });

  it('makes an account with a one-time password where nobody can be asked', async () => {
    const made = await run('user:create Ada --role admin --role auditor --json');
    expect([made.status, made.stderr]).toEqual([0, '']);
    expect(made.json()).toEqual({
      id: expect.stringMatching(/^[\w-]{22}$/),
      username: 'Ada',
      roles: ['admin', 'auditor'],
      oneTimePassword: expect.stringMatching(/^([a-z2-9]{4}-){5}[a-z2-9]{4}$/),
    });

    const server = await startServer();
    const client = new BrowserClient(server.url);
    const entered = await client.post('/auth/login', { username: 'ada', password: made.json().oneTimePassword });
    expect(entered.json()).toMatchObject({ user: { mustChangePassword: true } });
    expect((await client.get('/auth/sessions')).json()).toMatchObject({ code: 'password_change_required' });
  });

  it('takes a password from the standard input, to be changed unless its owner chose it', async () => {
    const made = await run('user:create bob --password-stdin --json', `${PASSWORD}\n`);
    expect(Object.keys(made.json())).toEqual(['id', 'username', 'roles']);
    await run('user:create eve --password-stdin --final', PASSWORD);
    const said = await run('user:create joe --password-stdin', PASSWORD);
    expect(said.stdout).toBe('Made joe.\nThe password must be changed at the first sign-in.\n');
    const server = await startServer();
    for (const [username, mustChangePassword] of Object.entries({ bob: true, eve: false })) {
      for (let round = 0; round < 2; round++) {
        const entered = await new BrowserClient(server.url).post('/auth/login', { username, password: PASSWORD });
        expect(entered.json()).toMatchObject({ user: { username, mustChangePassword } });
      }
    }
  });

  it('makes a one-time password that is good for one sign-in, and another one', async () => {
    const made = (await run('user:create ada --one-time --json')).json<{ id: string; oneTimePassword: string }>();
    const server = await startServer();
    const client = new BrowserClient(server.url);
    const login = (password: string) =>
      new BrowserClient(server.url).post('/auth/login', { username: 'ada', password });
    const first = { username: 'ada', password: made.oneTimePassword };
    expect((await client.post('/auth/login', first)).status).toBe(200);
    expect((await login(made.oneTimePassword)).status).toBe(401);
    const reset = await run('user:reset-password ADA --json');
    const again = reset.json<{ oneTimePassword: string }>();
    expect(again).toEqual({
      id: made.id,
      username: 'ada',
      roles: [],
      oneTimePassword: expect.stringMatching(/^([a-z2-9]{4}-){5}[a-z2-9]{4}$/),
    });
    expect((await client.get('/auth/me')).status).toBe(401);
    expect((await login(made.oneTimePassword)).status).toBe(401);
    expect((await login(again.oneTimePassword)).status).toBe(200);
    expect((await login(again.oneTimePassword)).status).toBe(401);
    expect((await run('user:reset-password ada')).stdout).toMatch(
      /^The sessions of ada have ended\.\nOne-time password: /,
    );
  });

  it('lets a one-time password expire as it is configured', async () => {
    const { oneTimePassword } = (await run('user:create ada --json', '', { ONE_TIME_PASSWORD_TTL: '1ms' })).json();
    const server = await startServer();
    const credentials = { username: 'ada', password: oneTimePassword };
    expect((await new BrowserClient(server.url).post('/auth/login', credentials)).status).toBe(401);
  });

  it('is a program: output, errors and status are those of its process', async () => {
    const program = (args: string, input = '') =>
      gatehouseProcess(args.split(' '), { directory, input, isUnbundled: true });
    const made = await program('user:create ada --password-stdin --json', PASSWORD);
    expect([made.status, made.stderr, made.json().username]).toEqual([0, '', 'ada']);
    const refused = await program('user:create ADA --json');
    expect([refused.status, refused.stdout]).toEqual([1, '']);
    expect(JSON.parse(refused.stderr)).toMatchObject({ code: 'username_taken' });
    const wrong = await program('user:nothing');
    expect([wrong.status, wrong.stdout]).toEqual([2, '']);
    expect(wrong.stderr).toContain('--help');
  });

  it('says in words what it has done', async () => {
    const made = await run('user:create ada --role admin');
    expect(made.stdout).toMatch(/^Made ada \(admin\)\.\nOne-time password: \S+\nIt is shown this once/);
    expect((await run('user:list')).stdout).toMatch(
      /^NAME +ROLES +STATE .*\nada +admin +must change password +never\n$/,
    );
  });

  it('acts on a server that runs', async () => {
    await run('user:create ada --password-stdin --final', PASSWORD);
    const server = await startServer();
    const client = new BrowserClient(server.url);
    await client.post('/auth/login', { username: 'ada', password: PASSWORD });
    await new BrowserClient(server.url).post('/api/code', { code: 'x' });

    const listed = (await run('session:list --user ADA --json')).json<{ items: { handle: string }[] }>();
    const { handle } = listed.items[0]!;
    expect(listed).toEqual({
      items: [expect.objectContaining({ user: 'ada', ip: '127.0.0.1', state: 'signed-in' })],
      next: null,
    });
    expect((await run('session:list --json')).json<{ items: unknown[] }>().items).toHaveLength(2);
    const shown = (await run(`session:show ${handle} --json`)).json();
    expect(shown).toMatchObject({ handle, user: 'ada', amr: ['pwd'], persistent: false });
    expect(JSON.stringify(shown)).not.toContain(client.cookies.get('sid')!.split('.')[1]);

    expect((await run(`session:end ${handle} --json`)).json()).toEqual({ handle, ended: true });
    expect((await client.get('/auth/me')).status).toBe(401);
    const over = (await run(`session:show ${handle} --json`)).json<{ why: string; timeline: { type: string }[] }>();
    expect(over).toMatchObject({
      handle,
      user: 'ada',
      state: 'ended',
      reason: 'administrator',
      by: { kind: 'command-line', name: null },
    });
    expect(over.why).toMatch(/somebody at the command line ended it/);
    expect(over.timeline.map(({ type }) => type)).toEqual(expect.arrayContaining(['created', 'signed_in', 'ended']));
    const told = await run(`session:show ${handle}`);
    expect([told.status, told.stdout]).toEqual([0, expect.stringContaining('somebody at the command line ended it')]);
  });

  it.each([
    'session:show -aaaaaaaaaaaaaaaaaaaaa --json',
    'session:show --json --aaaaaaaaaaaaaaaaaaaa',
    'session:end -----------------json- --json',
    'session:end --json -- -_aaaaaaaaaaaaaaaaaaaa',
    'user:disable -aaaaaaaaaaaaaaaaaaaaa --json',
    'session:list --json --user -aaaaaaaaaaaaaaaaaaaaa',
  ])('takes what begins with a dash for what it is: %s', async (args) => {
    const refused = await run(args);
    expect(refused.status).toBe(1);
    expect(JSON.parse(refused.stderr)).toMatchObject({ code: expect.stringMatching(/^(session|user)_not_found$/) });
  });

  it('shows and ends a session whose handle begins with a dash', async () => {
    const handle = '-begins_with_a_dash-00';
    await run('user:list');
    const database = await SqliteDatabase.open({ file: join(directory, 'data/gatehouse.db') });
    await new SqliteSessionStore(database).insert(newSession({ handle }));
    await database.close();
    expect((await run(`session:show ${handle} --json`)).json()).toMatchObject({ handle });
    expect((await run(`session:end --json ${handle}`)).json()).toEqual({ handle, ended: true });
    expect(await storedHandles(join(directory, 'data/gatehouse.db'))).toEqual([]);
  });

  it('disables an account on a server that runs', async () => {
    await run('user:create ada --password-stdin', PASSWORD);
    const server = await startServer();
    const client = new BrowserClient(server.url);
    await client.post('/auth/login', { username: 'ada', password: PASSWORD });
    const token = client.cookies.get('sid')!;
    expect((await run('user:disable Ada --json')).json()).toMatchObject({ username: 'ada', disabled: true });
    // In the file itself, before anybody asks the server again; then where nobody looks at the account.
    expect(await storedHandles(join(directory, 'data/gatehouse.db'))).not.toContain(token.slice(0, 22));
    const visitor = new BrowserClient(server.url, { cookie: `sid=${token}` });
    expect((await visitor.get('/api/session')).json()).toEqual({ active: false });
    expect((await client.get('/auth/me')).status).toBe(401);
    expect((await client.post('/auth/login', { username: 'ada', password: PASSWORD })).status).toBe(401);
  });

  it('unlocks an account', async () => {
    await run('user:create ada --password-stdin', PASSWORD);
    const env = { BCRYPT_COST: '4', LOGIN_HARD_LIMIT: '2', LOGIN_FREE_FAILURES: '2' };
    const server = await ReferenceServer.start({ inHost: true, directory, env });
    const login = (password: string) =>
      new BrowserClient(server.url).post('/auth/login', { username: 'ada', password });
    for (const guess of ['one', 'two']) expect((await login(guess)).status).toBe(401);
    expect((await login(PASSWORD)).status).toBe(429);
    expect((await run('user:unlock ada')).stdout).toBe('ada may sign in again at once.\n');
    expect((await login(PASSWORD)).status).toBe(200);
  });

  it.each([
    ['user:create ada --password-stdin --json', 'short', 'password_rejected'],
    ['user:create ada --password-stdin --json', '', 'password_missing'],
    ['user:create ada --role 7up --json', '', 'roles_invalid'],
    ['user:disable nobody --json', '', 'user_not_found'],
    ['user:unlock nobody --json', '', 'user_not_found'],
    ['user:reset-password nobody --json', '', 'user_not_found'],
    ['session:list --user nobody --json', '', 'user_not_found'],
    ['session:show x --json', '', 'session_not_found'],
    ['session:end x --json', '', 'session_not_found'],
  ])('refuses %s with status 1 and a problem document', async (args, input, code) => {
    const refused = await run(args, input);
    expect([refused.status, refused.stdout]).toEqual([1, '']);
    expect(JSON.parse(refused.stderr)).toMatchObject({ type: 'about:blank', status: expect.any(Number), code });
  });

  it('refuses a name that is taken', async () => {
    await run('user:create ada');
    const refused = await run('user:create ADA --json');
    expect(refused.status).toBe(1);
    expect(JSON.parse(refused.stderr)).toMatchObject({ status: 409, code: 'username_taken' });
  });

  it.each([
    '',
    'user:create',
    'user:create a b',
    'user:nothing',
    'user:list --colour',
    'user:create a --one-time --password-stdin',
    'user:create a --one-time --final',
    'user:create a --final',
  ])('calls `%s` wrong usage, with status 2', async (args) => {
    const plain = await run(args);
    expect([plain.status, plain.stdout]).toEqual([2, '']);
    expect(plain.stderr).not.toBe('');
    const json = await run(`${args} --json`);
    expect([json.status, json.stdout]).toEqual([2, '']);
    expect(JSON.parse(json.stderr)).toMatchObject({ status: 400, code: 'wrong_usage' });
  });

  it('helps', async () => {
    for (const args of ['--help', 'user:create --help']) {
      const help = await run(args);
      expect([help.status, help.stderr]).toEqual([0, '']);
      expect(help.stdout).toContain('Usage: gatehouse');
    }
  });

  it('says that accounts in memory are out of its reach', async () => {
    const refused = await run('user:list --json', '', { STORAGE: 'memory' });
    expect(refused.status).toBe(1);
    expect(JSON.parse(refused.stderr)).toMatchObject({ code: 'storage_out_of_reach' });
  });

  it('names what is wrong with the configuration', async () => {
    const refused = await run('user:list', '', { STORAGE: 'redis' });
    expect([refused.status, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toContain('STORAGE: expected');
  });
});

async function storedHandles(file: string): Promise<unknown[]> {
  const database = await SqliteDatabase.open({ file });
  const rows = database.statement('SELECT handle FROM sessions', true).all() as unknown as unknown[][];
  await database.close();
  return rows.map(([handle]) => handle);
}
