import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { routesOf } from '../support/servers/described-routes.js';
import { IDENTITIES, startWithPeople, type PeopledServer } from '../support/servers/identities.js';
import { cleanUp } from '../support/servers/reference-server.js';
import { readTables } from '../support/servers/store-tables.js';

const MARK = 'agent-7d10';

describe.each(['fastify', 'express'])('the audit trail of the reference server, on %s', (HTTP_ADAPTER) => {
  let people: PeopledServer;

  beforeAll(async () => {
    people = await startWithPeople({ env: { HTTP_ADAPTER, LOGIN_FREE_FAILURES: '1000' } });
  }, 120_000);

  afterAll(cleanUp);

  const trail = async () => (await readTables(people.server, 'audit_log')).get('audit_log')!;

  it('is read by nobody below an administrator, and changed by no route for anybody', async () => {
    const stranger = await people.as('stranger', { 'user-agent': MARK });
    await stranger.post('/auth/login', { username: 'nobody-41aa', password: 'x' });
    await people.server.waitFor(/unknown_user/);
    const before = await trail();
    expect(before).toContainEqual(expect.objectContaining({ type: 'login.failed', user_agent: MARK }));
    const ids = before.map(({ id }) => String(id));

    for (const identity of IDENTITIES) {
      for (const { method, template, path } of await routesOf(people.server, ids[0])) {
        const client = await people.stillAs(identity);
        for (const body of method === 'GET' ? [undefined] : [{}, { id: ids[0], at: 0, detail: 'changed' }]) {
          const init = body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
          const { text } = await client.request(method, path, init);
          const told =
            identity === 'administrator' ? [] : [MARK, 'nobody-41aa', ...ids].filter((it) => text.includes(it));
          // An address is repeated by nobody, so this is no echo.
          expect([identity, method, template, told]).toEqual([identity, method, template, []]);
        }
      }
    }
    const after = new Map((await trail()).map((entry) => [entry['id'], entry]));
    for (const entry of before) expect(after.get(entry['id'])).toEqual(entry);
  });
});
