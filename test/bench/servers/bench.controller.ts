import { Controller, Get, Param, Post, Session as NestSession, type Type } from '@nestjs/common';
import { setTimeout as wait } from 'node:timers/promises';
import { Session } from 'nest-gatehouse/session';
import type { BenchServer } from './bench-server.js';
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

/** As the documentation of each library tells users to write them. */
export function benchControllerOf({ storage, imports }: BenchServer): Type {
  if (storage === 'none') return BareController;
  return imports ? benchController(Session) : benchController(NestSession);
}

/** The same answers without sessions, to be subtracted. */
@Controller()
class BareController {
  @Post('open')
  open() {
    return { opened: true };
  }

  @Get('read')
  read() {
    return { name: null };
  }

  @Get('write')
  write() {
    return { name: null };
  }
}

/** @param OfRequest the decorator that gives a handler its session */
function benchController(OfRequest: () => ParameterDecorator): Type {
  @Controller()
  class BenchController {
    readonly #paused = new Map<string, () => void>();

    @Post('open')
    open(@OfRequest() session: AnySession) {
      Object.assign(session, SESSION_VALUES);
      return { opened: true };
    }

    @Get('read')
    read(@OfRequest() session: AnySession) {
      return { name: session.name ?? null };
    }

    @Get('write')
    write(@OfRequest() session: AnySession) {
      session.visits = (session.visits ?? 0) + 1;
      return { name: session.name ?? null };
    }

    @Get('values')
    values(@OfRequest() session: AnySession) {
      const keys = Object.keys(session).filter((key) => /^key\d+$/.test(key));
      return { open: session.name !== undefined, visits: session.visits ?? 0, keys: keys.length };
    }

    /** As an application would write it: an atomic increment where the library has one. */
    @Get('increment')
    async increment(@OfRequest() session: AnySession) {
      await wait(HANDLER_WAIT);
      if (session.increment) await session.increment('visits');
      else session.visits = (session.visits ?? 0) + 1;
      return {};
    }

    /** The same key assigned from what was read: the last save wins everywhere. */
    @Get('assign')
    async assign(@OfRequest() session: AnySession) {
      const visits = session.visits ?? 0;
      await wait(HANDLER_WAIT);
      session.visits = visits + 1;
      return {};
    }

    @Get('keys/:key')
    async writeKey(@OfRequest() session: AnySession, @Param('key') key: string) {
      const read = session.name;
      await wait(HANDLER_WAIT);
      session[key] = 1;
      return { read };
    }

    /** Has opened the session, and writes to it once `resume` is called. */
    @Get('paused/:id')
    async paused(@OfRequest() session: AnySession, @Param('id') id: string) {
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
    async logout(@OfRequest() session: AnySession) {
      await new Promise<void>((resolve, reject) => session.destroy((error) => (error ? reject(error) : resolve())));
      return {};
    }
  }
  return BenchController;
}
