import type { IncomingHttpHeaders } from 'node:http';
import { Injectable } from '@nestjs/common';
import { carriesApiKey, Clock } from 'nest-gatehouse/common';
import { AgentClasses } from './agent-classes.js';
import type { Hit } from './hit-buffer.js';
import { HitWriter } from './hit-writer.js';

/** A request that is answered. */
export interface AnsweredRequest extends Pick<Hit, 'method' | 'route' | 'digit' | 'session'> {
  readonly headers: IncomingHttpHeaders;
}

/** Counts requests: of people or of bots. A program with an API key is neither a person nor a browser: it is a bot. */
@Injectable()
export class HitCounter {
  readonly #agents = new AgentClasses();

  constructor(
    private readonly writer: HitWriter,
    private readonly clock: Clock,
  ) {}

  count({ method, route, digit, session, headers }: AnsweredRequest): void {
    const known = this.#agents.of(headers['user-agent']);
    const agent = known.asBot !== null && carriesApiKey(headers) ? known.asBot : known;
    this.writer.buffer.add({ at: this.clock.now(), method, route, digit, agent, session });
  }

  isBot(userAgent: string | null): boolean {
    return this.#agents.of(userAgent).bot;
  }
}
