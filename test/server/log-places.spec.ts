import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ADMINISTRATOR, signInTo, startWithAdministrator } from '../support/servers/administrator.js';
import { BrowserClient } from '../support/browser/browser-client.js';
import { exchange } from '../support/browser/raw-http.js';
import { cleanUp, type ReferenceServer } from '../support/servers/reference-server.js';

const UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe.each(['fastify', 'express'])('what the server writes down, on %s', (HTTP_ADAPTER) => {
  let server: ReferenceServer;
  let begin: number;
  let end: number;

  beforeAll(async () => {
    begin = Date.now();
    // A machine whose own time is nobody's else.
    const env = { HTTP_ADAPTER, STORAGE: 'sqlite', LOG_LEVEL: 'trace', TZ: 'Asia/Kathmandu', LOGIN_FREE_FAILURES: '1' };
    server = await startWithAdministrator({ inHost: false, deadline: 60_000, env });
    const client = await signInTo(server);
    await client.post('/api/code', { code: 'x' });
    await client.post('/auth/reauthenticate', { password: ADMINISTRATOR.password });
    await client.get('/none');
    await exchange(server.url, 'nonsense\r\n\r\n');
    for (let n = 0; n < 3; n++)
      await new BrowserClient(server.url).post('/auth/login', { username: 'eve', password: 'x' });
    await client.post('/auth/logout');
    await server.kill('SIGTERM');
    end = Date.now();
  }, 120_000);

  afterAll(cleanUp);

  it('has every time in UTC, whatever the time zone of the machine', () => {
    const lines = server.logLines;
    const contexts = lines.map(({ context }) => context);
    expect(contexts).toEqual(expect.arrayContaining([undefined, 'Audit', 'Accounts', 'Sessions']));
    const audit = lines.filter(({ context }) => context === 'Audit');
    expect(audit.map(({ type }) => type)).toEqual(expect.arrayContaining(['login.ok', 'login.throttled', 'logout']));
    for (const time of [...lines.map((line) => line['time']), ...audit.map((line) => line['at'])]) {
      expect(time).toMatch(UTC);
      expect(Date.parse(String(time))).toBeGreaterThanOrEqual(begin - 1);
      expect(Date.parse(String(time))).toBeLessThanOrEqual(end);
    }
  });

  it('goes to the standard output, one JSON document a line, and into no file but the store', async () => {
    expect(server.stderr).toBe('');
    const plain = server.stdout.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
    expect(plain).toEqual([expect.stringMatching(/^Gatehouse listening on http:\/\/\S+$/)]);
    expect(await readdir(server.directory)).toEqual(['data']);
    const files = await readdir(`${server.directory}/data`, { recursive: true });
    expect(files.filter((name) => !name.startsWith('gatehouse.db'))).toEqual([]);
  });
});
