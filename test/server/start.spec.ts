import { createServer, type AddressInfo } from 'node:net';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import {
  cleanUp,
  ReferenceServer,
  temporaryDirectory,
  type StartOptions,
} from '../support/servers/reference-server.js';

async function failToStart(options: StartOptions): Promise<{ code: number | null; message: string }> {
  const server = await ReferenceServer.launch(options);
  const { code } = await server.exit;
  expect(server.stdout).not.toContain('listening');
  return { code, message: server.stderr };
}

describe('the start of the reference server', () => {
  afterEach(() => ReferenceServer.stopAll());
  afterAll(cleanUp);

  it('tells on one plain line where it listens; the rest is the log', async () => {
    const server = await ReferenceServer.start();

    const plain = server.stdout.split('\n').filter((line) => !line.startsWith('{'));
    expect(plain).toEqual([expect.stringMatching(/^Gatehouse listening on http:\/\/localhost:\d+$/), '']);
    expect(server.stderr).toBe('');
    expect((await fetch(`${server.url}/health/ready`)).status).toBe(200);
  });

  it('writes an IPv6 address in brackets', async () => {
    const server = await ReferenceServer.start({ env: { HOST: '::1', STORAGE: 'memory' } });

    expect(server.url).toMatch(/^http:\/\/\[::1\]:\d+$/);
    expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
  });

  it('takes up a .env of the working directory, beneath the environment', async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, '.env'), 'STORAGE=memory\nSESSION_COOKIE_NAME=from_file\nHTTP_ADAPTER=express\n');
    const server = await ReferenceServer.start({ directory, env: { SESSION_COOKIE_NAME: 'from_environment' } });
    const answer = await fetch(`${server.url}/api/code`, { method: 'POST', body: new URLSearchParams({ code: 'x' }) });

    expect(answer.headers.get('set-cookie')).toMatch(/^from_environment=/);
  });

  it('warns of what looks misspelt', async () => {
    const server = await ReferenceServer.start({ env: { STORAGE: 'memory', SESSION_IDLE_TIMEOT: '1h' } });

    expect(server.logLines[0]).toMatchObject({ level: 40, msg: expect.stringContaining('SESSION_IDLE_TIMEOT') });
  });

  it('stops with every wrong value named', async () => {
    const { code, message } = await failToStart({ env: { SESSION_IDLE_TIMEOUT: 'soon', HTTP_ADAPTER: 'koa' } });

    expect(code).toBe(1);
    expect(message).toMatch(/HTTP_ADAPTER: .*\n.*SESSION_IDLE_TIMEOUT: /);
    expect(message).not.toMatch(/\n\s+at /);
  });

  it.each(['fastify', 'express'])('says that the port is taken, on %s', async (HTTP_ADAPTER) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, message } = await failToStart({ env: { PORT: String(port), HTTP_ADAPTER, STORAGE: 'memory' } });
    other.close();

    expect(code).toBe(1);
    expect(message).toMatch(
      new RegExp(`^Gatehouse cannot listen on 127\\.0\\.0\\.1 port ${port} \\(EADDRINUSE\\): .*PORT.*\\n$`),
    );
  });

  it('says that the database file is none', async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, 'letter.txt'), 'Dear Ada, '.repeat(1000));
    const { code, message } = await failToStart({ directory, env: { SQLITE_FILE: 'letter.txt' } });

    expect(code).toBe(1);
    expect(message).toMatch(/^Gatehouse cannot start: SQLITE_FILE: .*letter\.txt .*\n$/);
  });

  it('says that the database cannot be where a directory is', async () => {
    const directory = await temporaryDirectory();
    await mkdir(join(directory, 'data', 'gatehouse.db'), { recursive: true });
    const { code, message } = await failToStart({ directory });

    expect(code).toBe(1);
    expect(message).toMatch(/^Gatehouse cannot start: SQLITE_FILE: .*gatehouse\.db .*\n$/);
  });
});
