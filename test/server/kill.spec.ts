import { afterAll, describe, expect, it } from '@jest/globals';
import { BrowserClient } from '../support/browser/browser-client.js';
import { cleanUp, ReferenceServer, temporaryDirectory } from '../support/servers/reference-server.js';

const ROUNDS = Number(process.env['KILL_ROUNDS'] ?? 3);
const WRITERS = 8;
const ACKNOWLEDGED_PER_ROUND = 40;

/** A visitor who writes 1, 2, 3 and so on, and remembers what the server has acknowledged. */
class Writer {
  cookie: string | undefined;
  acknowledged = 0;
  sent = 0;
  /** Cookies of sessions whose end was acknowledged. */
  readonly ended: string[] = [];

  async write(url: string, isDone: () => boolean, onAcknowledged: () => void): Promise<void> {
    const client = this.#client(url);
    try {
      while (!isDone()) {
        this.sent = this.acknowledged + 1;
        const { status } = await client.post('/api/code', { code: String(this.sent) });
        expect(status).toBe(200);
        this.acknowledged = this.sent;
        this.cookie = `sid=${client.cookies.get('sid')}`;
        await this.#endAnother(url);
        onAcknowledged();
      }
    } catch (error) {
      // The connection broke because the server was killed; anything else is a fault.
      if ((error as Error).name !== 'TypeError') throw error;
    }
  }

  async check(url: string): Promise<void> {
    if (this.cookie === undefined) return;
    const { result } = (await this.#client(url).get('/api/code')).json<{ result: string }>();
    expect([this.acknowledged, this.sent]).toContain(Number(result));
    this.acknowledged = Number(result);
    for (const cookie of this.ended.splice(0)) {
      expect((await new BrowserClient(url, { cookie }).get('/api/session')).json()).toEqual({ active: false });
    }
  }

  async #endAnother(url: string): Promise<void> {
    const other = new BrowserClient(url);
    await other.post('/api/code', { code: 'short-lived' });
    const cookie = `sid=${other.cookies.get('sid')}`;
    if ((await other.post('/api/session/end')).status === 204) this.ended.push(cookie);
  }

  #client(url: string): BrowserClient {
    const client = new BrowserClient(url);
    if (this.cookie !== undefined) client.cookies.set('sid', this.cookie.slice('sid='.length));
    return client;
  }
}

describe('kill -9 under write load', () => {
  afterAll(cleanUp);

  it(`loses nothing acknowledged in ${ROUNDS} rounds on SQLite, and starts again each time`, async () => {
    const directory = await temporaryDirectory();
    const writers = Array.from({ length: WRITERS }, () => new Writer());

    for (let round = 0; round < ROUNDS; round++) {
      const server = await ReferenceServer.start({ directory, env: { LOG_LEVEL: 'error' } });
      await Promise.all(writers.map((writer) => writer.check(server.url)));

      let acknowledged = 0;
      let isKilled = false;
      const kill = () => {
        if (++acknowledged < ACKNOWLEDGED_PER_ROUND || isKilled) return;
        isKilled = true;
        server.signal('SIGKILL');
      };
      await Promise.all(writers.map((writer) => writer.write(server.url, () => isKilled, kill)));
      expect(await server.exit).toEqual({ code: null, signal: 'SIGKILL' });
    }
    expect(writers.every((writer) => writer.acknowledged > ROUNDS)).toBe(true);
  }, 300_000);
});
