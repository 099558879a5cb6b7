import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { answers } from '../../src/docs/answers.js';
import { gatehouse } from '../support/servers/command-line.js';
import { BrowserClient } from '../support/browser/browser-client.js';
import { cleanUp, ReferenceServer, temporaryDirectory } from '../support/servers/reference-server.js';

interface Body {
  readonly session_id: string;
  readonly data: Record<string, unknown>;
}

/** Starts the server and makes a key for it, while it runs. */
async function serve(env: Record<string, string>): Promise<{ server: ReferenceServer; program: BrowserClient }> {
  const directory = await temporaryDirectory();
  const server = await ReferenceServer.start({ inHost: true, directory, env });
  const scopes = ['read', 'write', 'list'].flatMap((scope) => ['--scope', `sessions:${scope}`]);
  const made = await gatehouse(['apikey:create', '--namespace', 'shop', ...scopes, '--json'], { directory, env });
  const authorization = `Bearer ${made.json<{ key: string }>().key}`;
  return { server, program: new BrowserClient(server.url, { authorization }) };
}

describe.each(['fastify', 'express'])('the session service of the reference server, on %s', (HTTP_ADAPTER) => {
  let server: ReferenceServer;
  let program: BrowserClient;

  beforeAll(async () => {
    ({ server, program } = await serve({ HTTP_ADAPTER }));
  });

  afterAll(cleanUp);

  it('walks from new to the end, with the headers of every answer', async () => {
    const made = await program.request('POST', '/sessman/new?user=ann', {
      body: '{"data":{"n":1}}',
      headers: { 'content-type': 'text/javascript' },
    });
    expect(made.status).toBe(201);
    answers.programSession.parse(made.json());
    const { session_id: id } = made.json<Body>();
    answers.programSession.parse(
      (await program.post(`/sessman/patch?sessionid=${id}`, { increment: { n: 1 } })).json(),
    );
    answers.programSession.parse((await program.post(`/sessman/touch?sessionid=${id}`)).json());
    answers.programSessions.parse((await program.get('/sessman/list?userid=ann')).json());
    const found = (await program.post('/sessman/batch-get', { sessionids: [id, 'x'] })).json();
    expect(answers.programSessionsFound.parse(found)).toMatchObject({ items: [{ data: { n: 2 } }], missing: ['x'] });
    const ended = await program.post(`/sessman/delete?session_id=${id}`);
    expect(ended.status).toBe(204);
    for (const { headers } of [made, ended]) {
      expect(headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
      expect(headers.get('ratelimit')).toMatch(/^"key";r=59\d\d;t=\d+$/);
      expect(headers.get('set-cookie')).toBeNull();
    }
  });

  it('leaves what is no route of it to the server', async () => {
    for (const [method, path, status] of [
      ['GET', '/sessman', 404],
      ['POST', '/sessman/other', 404],
      ['DELETE', '/sessman/delete', 405],
      ['GET', '/sessman/new', 405],
    ] as const) {
      const answer = await program.request(method, path);
      expect([method, path, answer.status]).toEqual([method, path, status]);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
    }
  });

  it('writes no key and no data to the log', async () => {
    await program.post('/sessman/new?userid=ann', { data: { secret: 'hunter2' } });
    await new BrowserClient(server.url, { authorization: 'Bearer gh_hunter3' }).get('/sessman/list?userid=ann');
    expect(server.stdout + server.stderr).not.toMatch(/hunter[23]|gh_/);
  });
});

describe('docs/openapi.json', () => {
  afterAll(cleanUp);

  it('is the description that the server gives', async () => {
    const server = await ReferenceServer.start({ inHost: true });
    const description = (await new BrowserClient(server.url).get('/docs-json')).json();
    const text = `${JSON.stringify(description, null, 2)}\n`;
    if (process.env['UPDATE_DOCS'] === 'true') await writeFile('docs/openapi.json', text);
    expect(JSON.parse(await readFile('docs/openapi.json', 'utf8'))).toEqual(description);
  });
});
