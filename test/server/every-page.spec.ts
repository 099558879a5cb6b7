import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ADMINISTRATOR, fieldsOf } from '../support/servers/administrator.js';
import { BrowserClient, type Answer } from '../support/browser/browser-client.js';
import { routesOf } from '../support/servers/described-routes.js';
import { startWithPeople, USER, type PeopledServer } from '../support/servers/identities.js';
import { cleanUp } from '../support/servers/reference-server.js';

const HTML = { accept: 'text/html' };

describe.each(['fastify', 'express'])('every page, on %s', (HTTP_ADAPTER) => {
  let people: PeopledServer;
  let pages: Map<string, Answer>;
  let administrator: BrowserClient;

  beforeAll(async () => {
    people = await startWithPeople({ env: { HTTP_ADAPTER } });
    administrator = await people.as('administrator', HTML);
    const routes = (await routesOf(people.server)).filter(({ method }) => method === 'GET');
    const answers = await Promise.all(
      [...routes.map(({ path }) => path), '/none', '/%'].map(
        async (path) => [path, await administrator.get(path)] as const,
      ),
    );
    pages = new Map(answers.filter(([, { headers }]) => headers.get('content-type')?.startsWith('text/html')));
    expect([...pages.keys()]).toEqual(expect.arrayContaining(['/', '/account', '/docs', '/login', '/admin', '/none']));
  }, 120_000);

  afterAll(cleanUp);

  const valuesOf = (text: string, attribute: string) =>
    [...text.matchAll(new RegExp(` ${attribute}="([^"]*)"`, 'g'))].map(([, value]) => value!);
  const addressesOf = ({ text, headers }: Answer) => [
    ...['href', 'src', 'action', 'formaction', 'srcset', 'ping', 'poster'].flatMap((name) => valuesOf(text, name)),
    ...['location', 'refresh', 'link'].flatMap((name) => headers.get(name) ?? []),
  ];

  it('loads from this server alone, and tells nobody else', () => {
    for (const [path, page] of pages) {
      const elsewhere = addressesOf(page).filter((address) => !/^(\/(?!\/)|#|\d+; url=\/(?!\/))/.test(address));
      expect([path, elsewhere]).toEqual([path, []]);
      const policy = page.headers.get('content-security-policy')!;
      const directives = policy.split(';').map((directive) => directive.trim());
      const sources = directives
        .filter((directive) => !/^(require-)?trusted-types/.test(directive))
        .flatMap((directive) => directive.split(/\s+/).slice(1));
      expect([path, sources.filter((source) => !["'none'", "'self'", 'data:'].includes(source))]).toEqual([path, []]);
    }
  });

  it('puts nothing secret into an address', async () => {
    const token = administrator.cookies.get('sid')!;
    const csrf = fieldsOf(pages.get('/account')!.text, '/auth/logout')['_csrf']!;
    const secrets = [token, token.split('.')[1]!, csrf, ADMINISTRATOR.password];
    const form = (path: string, fields: Record<string, string>) =>
      administrator.request('POST', path, { body: new URLSearchParams({ _csrf: csrf, ...fields }) });
    const answers = [
      ...pages.values(),
      await new BrowserClient(people.server.url, HTML).get(`/account?next=${ADMINISTRATOR.username}`),
      await form('/auth/reauthenticate', { password: 'wrong' }),
      await form('/auth/login', { username: USER.username, password: 'wrong' }),
      await form('/auth/reauthenticate', { password: ADMINISTRATOR.password, next: '/account' }),
    ];
    for (const address of answers.flatMap(addressesOf)) {
      for (const secret of secrets) expect(address).not.toContain(secret);
    }
    // What is typed into a form travels in its body.
    for (const [path, { text }] of pages) {
      const forms = [...text.matchAll(/<form\b[^>]*>[^]*?<\/form>/g)].map(([form]) => form);
      const ofAddress = forms.filter((form) => valuesOf(form, 'method')[0] !== 'post');
      // Only a search is of the address, so that it can be sent to somebody.
      expect([path, ofAddress.filter((form) => !/^<form\b[^>]* role="search"/.test(form))]).toEqual([path, []]);
      for (const form of ofAddress) expect(form).not.toMatch(/name="_csrf"|type="password"/);
    }
  });

  it('masks passwords, and lets password managers and the clipboard fill them in', () => {
    const inputs = [...pages].flatMap(([path, { text }]) =>
      [...text.matchAll(/<input\b[^>]*>/g)]
        .map(([tag]) => ({ path, tag, name: valuesOf(tag, 'name')[0] ?? '', type: valuesOf(tag, 'type')[0] }))
        .filter(({ name }) => /password/i.test(name)),
    );
    expect(new Set(inputs.map(({ name }) => name))).toEqual(new Set(['password', 'currentPassword', 'newPassword']));
    for (const { path, tag, name, type } of inputs) {
      const fills = name === 'newPassword' ? 'new-password' : 'current-password';
      expect([path, name, type, valuesOf(tag, 'autocomplete')]).toEqual([path, name, 'password', [fills]]);
      expect(tag).not.toMatch(/ on\w+=|maxlength|pattern|readonly/);
    }
  });

  it('takes nothing secret from an address', async () => {
    const visitor = new BrowserClient(people.server.url);
    const token = administrator.cookies.get('sid')!;
    for (const query of [`sid=${token}`, `token=${token}`, `session_id=${token}`, `X-Session-Token=${token}`])
      expect([query, (await visitor.get(`/auth/me?${query}`)).status]).toEqual([query, 401]);
    const { username, password } = ADMINISTRATOR;
    const query = new URLSearchParams({ username, password }).toString();
    for (const body of [{}, undefined]) {
      const answer = await visitor.post(`/auth/login?${query}`, body);
      expect([answer.status, answer.setCookies]).toEqual([400, []]);
    }
  });

  it('runs scripts that are the same for everybody', async () => {
    const scripts = new Set([...pages.values()].flatMap(({ text }) => valuesOf(text, 'src')));
    expect(scripts.size).toBeGreaterThan(2);
    for (const address of scripts) {
      const [theirs, ours] = [
        await administrator.get(address),
        await new BrowserClient(people.server.url).get(address),
      ];
      expect(theirs.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
      expect([address, theirs.setCookies, theirs.text === ours.text]).toEqual([address, [], true]);
    }
  });
});
