import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { BrowserClient } from '../support/browser/browser-client.js';
import { gatehouse } from '../support/servers/command-line.js';
import { cleanUp, ReferenceServer, temporaryDirectory } from '../support/servers/reference-server.js';

const PASSWORD = 'correct horse battery staple';
const OLD_PEPPER = 'v1:an old pepper of enough characters';
const NEW_PEPPER = 'v2:a new pepper with enough characters';
const EACH = 10;

type Environment = Readonly<Record<string, string>>;

/** What the account was made with, and what the two servers have. */
const MOVES: [string, Environment, Environment, Environment][] = [
  // As servers are replaced one by one: each moves the hash to its own cost.
  ['different costs', { BCRYPT_COST: '4' }, { BCRYPT_COST: '4' }, { BCRYPT_COST: '6' }],
  ['a lower cost', { BCRYPT_COST: '6' }, { BCRYPT_COST: '4' }, { BCRYPT_COST: '4' }],
  [
    'a newer pepper',
    { PASSWORD_PEPPER: OLD_PEPPER },
    { PASSWORD_PEPPER: `${NEW_PEPPER},${OLD_PEPPER}` },
    { PASSWORD_PEPPER: `${OLD_PEPPER},${NEW_PEPPER}` },
  ],
];

describe('Two servers on one SQLite file', () => {
  afterEach(() => ReferenceServer.stopAll());
  afterAll(cleanUp);

  const common = {
    BCRYPT_COST: '4',
    MAX_SESSIONS_PER_USER: '0',
    LOGIN_NETWORK_LIMIT: '0',
    LOGIN_FREE_FAILURES: '1000',
    SESSION_LOCK_WAIT: '60s',
    STORE_DEADLINE: '20s',
  };

  /** Statuses of half of the sign-ins at each server, all at once. */
  async function signIns(directory: string, password: string, ...environments: Environment[]): Promise<number[]> {
    const servers = await Promise.all(
      environments.map((env) =>
        ReferenceServer.start({ inHost: true, directory, env: { ...common, ...env }, deadline: 60_000 }),
      ),
    );
    const answers = servers.flatMap(({ url }) =>
      Array.from({ length: EACH }, () => new BrowserClient(url).post('/auth/login', { username: 'ada', password })),
    );
    return (await Promise.all(answers)).map(({ status }) => status);
  }

  it.each(MOVES)(
    'let all who sign in at once with the right password in while they have %s',
    async (_, old, one, other) => {
      const directory = await temporaryDirectory();
      const flags = ['--password-stdin', '--final'];
      await gatehouse(['user:create', 'ada', ...flags], { directory, input: PASSWORD, env: { ...common, ...old } });
      expect(await signIns(directory, PASSWORD, one, other)).toEqual(Array.from({ length: 2 * EACH }, () => 200));
    },
    120_000,
  );

  it('let one of those who sign in at once with a one-time password in', async () => {
    const directory = await temporaryDirectory();
    const made = await gatehouse(['user:create', 'ada', '--one-time', '--json'], { directory });
    const statuses = await signIns(directory, made.json<{ oneTimePassword: string }>().oneTimePassword, {}, {});
    expect(statuses.sort()).toEqual([200, ...Array.from({ length: 2 * EACH - 1 }, () => 401)]);
  }, 120_000);
});
