import { expect } from '@jest/globals';
import { Session, SessmanError } from 'nest-gatehouse/client';
import type { Fault, FaultProxy } from './fault-proxy.js';
import type { Service, Truth } from './service.js';

interface Values {
  n: number;
  text: string;
}

/** Calls of the client through a proxy, each checked against what the service keeps: it took effect once, or has failed. */
export class LogicalCalls {
  #users = 0;

  constructor(
    private readonly service: Service,
    private readonly truth: Truth,
    private readonly proxy: FaultProxy,
    private readonly limits: { readonly timeout: number; readonly retries: number },
  ) {}

  /** What a session is opened with. */
  options(more: object = {}) {
    return { base_url: this.proxy.url, auth: this.service.auth, ...this.limits, ...more };
  }

  begin(): Promise<Session<Values>> {
    return Session.create<Values>(this.#newUser(), this.options({ data: { n: 0, text: '' } }));
  }

  async creates(faults: readonly Fault[]): Promise<void> {
    const user = this.#newUser();
    const failed = await this.run(faults, () => Session.create(user, this.options({ data: { n: 1 } })));
    const made = await this.truth.sessions(user);
    expect(made.length).toBeLessThanOrEqual(1);
    if (!failed) expect(made).toHaveLength(1);
  }

  /** @param calls the faults of each increment of one session */
  async increments(calls: readonly (readonly Fault[])[]): Promise<void> {
    const session = await this.begin();
    let [least, most] = [0, 0];
    for (const [at, faults] of calls.entries()) {
      const by = 4 ** at;
      let sum = Number.NaN;
      const failed = await this.run(faults, async () => void (sum = await session.increment('n', by)));
      most += by;
      if (!failed) least += by;
      const { data } = (await this.truth.session(session.session_id))!;
      expect(data['n']).toBeGreaterThanOrEqual(least);
      expect(data['n']).toBeLessThanOrEqual(most);
      if (!failed) expect(sum).toBe(data['n']);
      // Each call has its own digit to the base of 4: more than 1 of it is one too many.
      expect(Math.floor((data['n'] as number) / by) % 4).toBeLessThanOrEqual(1);
    }
  }

  /** @param isRaced whether somebody else has written since the session was read */
  async updates(faults: readonly Fault[], isRaced: boolean): Promise<void> {
    const { user, session_id } = await this.begin();
    const session = await Session.open<Values>(user, session_id, this.options({ ifMatch: true }));
    if (isRaced) await this.truth.change(session_id, { n: 0, text: 'theirs' });
    session.data.text = 'mine';
    const failed = await this.run(faults, () => session.updateSession());
    const { data, version } = (await this.truth.session(session_id))!;
    if (isRaced) expect([failed !== undefined, data['text'], version]).toEqual([true, 'theirs', 2]);
    else if (!failed) expect([data['text'], version, session.version]).toEqual(['mine', 2, 2]);
    else expect(version).toBeLessThanOrEqual(2);
  }

  async ends(faults: readonly Fault[]): Promise<void> {
    const { user, session_id } = await this.begin();
    const session = await Session.open(user, session_id, this.options());
    const failed = await this.run(faults, () => session.end());
    const isThere = (await this.truth.session(session_id)) !== undefined;
    if (!failed) expect(isThere).toBe(false);
    else if (!isThere) expect(failed.code).not.toBe('session_not_found');
  }

  /** Runs a call with these faults. @returns its error if it was reported as failed */
  async run(faults: readonly Fault[], call: () => Promise<unknown>): Promise<SessmanError | undefined> {
    this.proxy.script = [...faults];
    try {
      await call();
      return undefined;
    } catch (error) {
      if (!(error instanceof SessmanError)) throw error;
      return error;
    } finally {
      this.proxy.script = [];
      await this.proxy.restarted();
    }
  }

  #newUser(): string {
    return `user ${++this.#users}`;
  }
}
