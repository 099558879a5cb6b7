import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BrowserClient } from '../support/browser/browser-client.js';
import { routesOf } from '../support/servers/described-routes.js';
import { startWithPeople, type PeopledServer } from '../support/servers/identities.js';
import { cleanUp } from '../support/servers/reference-server.js';
import { readTables } from '../support/servers/store-tables.js';

/** Every key of `properties`, and every name of a parameter, anywhere below. */
function namesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(key === 'properties' ? Object.keys(inner as object) : []),
    ...(key === 'name' && typeof inner === 'string' ? [inner] : []),
    ...namesIn(inner),
  ]);
}

const GUESSABLE = /hint|question|answer|maiden|birth|recovery|remind/i;
const BY_MAIL = /e-?mail|phone|sms|magic/i;

describe.each(['fastify', 'express'])('the ways to sign in, on %s', (HTTP_ADAPTER) => {
  let people: PeopledServer;
  let paths: object;

  beforeAll(async () => {
    people = await startWithPeople({ env: { HTTP_ADAPTER } });
    paths = (await new BrowserClient(people.server.url).get('/docs-json')).json<{ paths: object }>().paths;
  }, 120_000);

  afterAll(cleanUp);

  it('are the documented ones: a password is taken at three addresses, and nowhere else', async () => {
    const routes = await routesOf(people.server);
    const taking = routes
      .filter(({ body, query }) => [...body, ...query].some((name) => /password/i.test(name)))
      .map(({ method, template }) => `${method} ${template}`);
    expect(taking.sort()).toEqual(['POST /auth/login', 'POST /auth/password', 'POST /auth/reauthenticate']);
    const documentation = await readFile('docs/auth.md', 'utf8');
    for (const route of taking) expect(documentation).toContain(`\`${route}\``);
  });

  it('know no hint, no question and no mail: not as a field, not on a page, not in an account', async () => {
    const fields = [...namesIn(paths), ...Object.keys(paths)];
    expect(fields).toEqual(expect.arrayContaining(['currentPassword', 'username']));
    expect(fields.filter((name) => GUESSABLE.test(name) || BY_MAIL.test(name))).toEqual([]);

    const columns = Object.keys((await readTables(people.server, 'users')).get('users')![0]!);
    expect(columns).toContain('username');
    expect(columns.filter((name) => GUESSABLE.test(name) || BY_MAIL.test(name))).toEqual([]);

    for (const identity of ['stranger', 'newcomer', 'administrator'] as const) {
      const client = await people.as(identity, { accept: 'text/html' });
      for (const path of ['/', '/login', '/reauthenticate', '/account', '/account/password', '/account/sessions']) {
        const page = (await client.get(path)).text;
        const inputs = [...page.matchAll(/<(?:input|select|textarea)\b[^>]* name="([^"]+)"/g)].map(([, name]) => name!);
        const words = page.replace(/<[^>]*>/g, ' ');
        expect([path, inputs.filter((name) => GUESSABLE.test(name) || BY_MAIL.test(name))]).toEqual([path, []]);
        expect(words).not.toMatch(
          /(secret|security) question|password hint|maiden|forgot\w* (your )?password|e-?mail/i,
        );
      }
    }
  });
});
