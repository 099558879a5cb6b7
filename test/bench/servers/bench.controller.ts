import { Controller, Get, Param, Post, Session } from '@nestjs/common';
import { setTimeout as wait } from 'node:timers/promises';
import { SESSION_VALUES } from './session-values.js';

/** What the session libraries have in common; only ours has `increment`. */
interface AnySession {
  name?: string;
  visits?: number;
  increment?(key: string): Promise<number>;
  destroy(callback: (error?: Error) => void): void;
  [key: string]: unknown;
}

const HANDLER_WAIT = 5;

/** The same handlers for every server. A server without sessions answers `open`, `read` and `write` too, to be subtracted. */
@Controller()
export class BenchController {
  readonly #paused = new Map<string, () => void>();

  @Post('open')
  open(@Session() session: AnySession | undefined) {
    if (session) Object.assign(session, SESSION_VALUES);
    return { opened: true };
  }

  @Get('read')
  read(@Session() session: AnySession | undefined) {
    return { name: session?.name ?? null };
  }

  @Get('write')
  write(@Session() session: AnySession | undefined) {
    if (session) session.visits = (session.visits ?? 0) + 1;
    return { name: session?.name ?? null };
  }

  @Get('values')
  values(@Session() session: AnySession | undefined) {
    const keys = Object.keys(session ?? {}).filter((key) => /^key\d+$/.test(key));
    return { open: session?.name !== undefined, visits: session?.visits ?? 0, keys: keys.length };
  }

  /** As an application would write it: an atomic increment where the library has one. */
  @Get('increment')
  async increment(@Session() session: AnySession) {
    await wait(HANDLER_WAIT);
    if (session.increment) await session.increment('visits');
    else session.visits = (session.visits ?? 0) + 1;
    return {};
  }

  /** The same key assigned from what was read: the last save wins everywhere. */
  @Get('assign')
  async assign(@Session() session: AnySession) {
    const visits = session.visits ?? 0;
    await wait(HANDLER_WAIT);
    session.visits = visits + 1;
    return {};
  }

  @Get('keys/:key')
  async writeKey(@Session() session: AnySession, @Param('key') key: string) {
    const read = session.name;
    await wait(HANDLER_WAIT);
    session[key] = 1;
    return { read };
  }

  /** Has opened the session, and writes to it once `resume` is called. */
  @Get('paused/:id')
  async paused(@Session() session: AnySession, @Param('id') id: string) {
    const visits = session.visits ?? 0;
    await new Promise<void>((resume) => this.#paused.set(id, resume));
    session.visits = visits + 1;
    return {};
  }

  @Get('waiting/:id')
  waiting(@Param('id') id: string) {
    return this.#paused.has(id);
  }

  @Post('resume/:id')
  resume(@Param('id') id: string) {
    const resume = this.#paused.get(id);
    this.#paused.delete(id);
    resume?.();
    return { resumed: resume !== undefined };
  }

  @Post('logout')
  async logout(@Session() session: AnySession) {
    await new Promise<void>((resolve, reject) => session.destroy((error) => (error ? reject(error) : resolve())));
    return {};
  }
}
