import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gatehouse, type CommandResult } from '../support/servers/command-line.js';
import { cleanUp, ReferenceServer, temporaryDirectory } from '../support/servers/reference-server.js';

interface Shown {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly cookies: Record<string, unknown>[];
  readonly body: string;
}

describe('gatehouse request', () => {
  let server: ReferenceServer;
  let directory: string;
  let jar: string;

  beforeAll(async () => {
    server = await ReferenceServer.start({ inHost: true });
    directory = await temporaryDirectory();
    jar = join(directory, 'jar.json');
  });

  afterAll(cleanUp);

  const request = (...args: string[]): Promise<CommandResult> => gatehouse(['request', ...args], { directory });

  it('keeps the cookies of one request for the next, in a file for its owner', async () => {
    const set = await request(`${server.url}/api/code`, '-d', '{"code":"first"}', '--jar', jar, '--json');
    expect([set.status, set.stderr]).toEqual([0, '']);
    const shown = set.json<Shown>();
    expect(shown).toMatchObject({ status: 200, body: '{"result":"set"}' });
    expect(shown.cookies).toEqual([
      {
        name: 'sid',
        value: expect.stringMatching(/^[\w-]{22}\.[\w-]{43}$/),
        expires: null,
        maxAge: null,
        path: '/',
        domain: null,
        httpOnly: true,
        secure: false,
        sameSite: 'Lax',
      },
    ]);
    expect(shown.headers['content-type']).toContain('application/json');
    expect((await stat(jar)).mode & 0o777).toBe(0o600);
    expect(await readFile(jar, 'utf8')).toContain(shown.cookies[0]!['value']);

    const got = await request(`${server.url}/api/code`, '--jar', jar, '--json');
    expect(got.json<Shown>()).toMatchObject({ status: 200, body: '{"result":"first"}', cookies: [] });
    const stranger = await request(`${server.url}/api/code`, '--json');
    expect(stranger.json<Shown>().body).toBe('{"result":null}');

    await request(`${server.url}/api/session/end`, '-X', 'post', '--jar', jar);
    expect((await request(`${server.url}/api/code`, '--jar', jar, '--json')).json<Shown>().body).toBe(
      '{"result":null}',
    );
  });

  it('shows status, headers, a table of cookies and the body to people', async () => {
    const { status, stdout } = await request(`${server.url}/api/code`, '-d', 'code=x', '-H', 'Accept: text/html');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Status {2}200\n/);
    expect(stdout).toMatch(/^COOKIE +VALUE +EXPIRES +FLAGS$/m);
    expect(stdout).toMatch(/^sid +\S+ +with the browser +HttpOnly; SameSite=Lax; Path=\/$/m);
    expect(stdout).toMatch(/\{"result":"set"\}\n$/);
  });

  it('shows a refusal as an answer, and a redirect without following it', async () => {
    const refused = await request(`${server.url}/auth/me`, '--json');
    expect([refused.status, refused.json<Shown>().status]).toEqual([0, 401]);
    const moved = await request(`${server.url}/account`, '-H', 'Accept: text/html', '--json');
    expect(moved.json<Shown>()).toMatchObject({
      status: 303,
      headers: { location: expect.stringContaining('/login') },
    });
  });

  it.each([
    [['not an address'], 2, 'wrong_usage'],
    [['http://127.0.0.1:1/'], 1, 'no_answer'],
    [['http://127.0.0.1:1/', '-H', 'no header'], 2, 'wrong_usage'],
    [['http://127.0.0.1:1/', '-X', 'G T'], 2, 'wrong_usage'],
    [[], 2, 'wrong_usage'],
  ])('refuses %j with status %i', async (args, status, code) => {
    const refused = await request(...args, '--json');
    expect([refused.status, refused.stdout]).toEqual([status, '']);
    expect(JSON.parse(refused.stderr)).toMatchObject({ code });
  });

  it('leaves a file alone that is no jar', async () => {
    const file = join(directory, 'notes.txt');
    await writeFile(file, 'mine');
    const refused = await request(`${server.url}/api/code`, '--jar', file, '--json');
    expect([refused.status, JSON.parse(refused.stderr)]).toMatchObject([1, { code: 'jar_invalid' }]);
    expect(await readFile(file, 'utf8')).toBe('mine');
  });
});
