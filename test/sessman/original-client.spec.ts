import { expect, it } from '@jest/globals';
import { onEveryPlatform, type SessionBody } from './support/sessman-app.js';
import { sharingApps } from '../support/apps/combinations.js';

interface OriginalOptions {
  readonly base_url: string;
  readonly auth: string;
  readonly data?: object;
}

/**
 * The protocol of the clients that the original service has: everything is posted as `text/javascript`, `user` and
 * `session_id` in the query, `{ "data" }` or nothing in the body.
 */
class OriginalSession {
  session_id = '';

  private constructor(
    private readonly user: string,
    private readonly options: OriginalOptions,
    public data: Record<string, unknown>,
  ) {}

  static async create(user: string, options: OriginalOptions): Promise<OriginalSession> {
    const session = new OriginalSession(user, options, { ...options.data });
    const made = await session.#call('new', { user }, session.data);
    session.session_id = made.session_id;
    session.data = made.data;
    return session;
  }

  async updateSession(): Promise<void> {
    this.data = (await this.#call('update', { session_id: this.session_id }, this.data)).data;
  }

  async getSession(): Promise<SessionBody> {
    return this.#call('get', { sessionid: this.session_id, userid: this.user });
  }

  async #call(command: string, parameters: Record<string, string>, data?: object): Promise<SessionBody> {
    const query = Object.entries(parameters).map(([name, value]) => `${name}=${value}`);
    const response = await fetch(`${this.options.base_url}/${command}?${query.join('&')}`, {
      method: 'POST',
      headers: { 'Content-type': 'text/javascript', Authorization: `Bearer ${this.options.auth}` },
      body: data === undefined ? '' : JSON.stringify({ data }),
    });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return JSON.parse(await response.text()) as SessionBody;
  }
}

sharingApps(onEveryPlatform)('a client of the original service', (start) => {
  it('walks from new over get and update to the end of the time to live', async () => {
    const app = await start({ sessman: { ttl: '1h' } });
    const { key } = await app.program();
    const session = await OriginalSession.create('ann', {
      base_url: `${app.url}/sessman`,
      auth: key,
      data: { cart: ['apple'] },
    });
    expect((await app.stored(session.session_id))?.data).toBe('{"cart":["apple"]}');
    app.clock.advance(3_599_000);
    expect(await session.getSession()).toMatchObject({ user: 'ann', data: { cart: ['apple'] } });
    session.data['paid'] = true;
    await session.updateSession();
    app.clock.advance(3_599_000);
    expect((await session.getSession()).data).toEqual({ cart: ['apple'], paid: true });
    app.clock.advance(1_000);
    await expect(session.getSession()).rejects.toThrow('status 404');
  });
});
