import { Injectable, Optional } from '@nestjs/common';
import { HitService } from 'nest-gatehouse/hits';
import { SessionLists, type SessionListOf, type SessionViews } from '../../sessions/session-list.service.js';
import type { SessionListQuery } from '../../sessions/session-query.js';
import { endedView, liveView, type SessionView } from '../../sessions/session-views.js';

/** A session as a line of the console's table. */
export interface SessionRow extends SessionView {
  /** Whichever of its two ends comes first; of an ended one null. */
  readonly endsBecause: 'idle' | 'absolute' | null;
  /** How its user signed in, by the names of RFC 8176, such as `pwd`. */
  readonly amr: readonly string[];
  /** Of an ended one, ISO 8601 in UTC. */
  readonly endedAt: string | null;
  /** Of an ended one, its `EndReason`. */
  readonly reason: string | null;
}

export interface SessionRows extends SessionListOf<SessionRow> {
  /** The requests of each session by its handle; null if they are not counted. */
  readonly hits: ReadonlyMap<string, number> | null;
}

const ROWS: SessionViews<SessionRow> = {
  live: (session, nameOf) => ({
    ...liveView(session, nameOf),
    endsBecause: session.idleExpiresAt < session.absoluteExpiresAt ? 'idle' : 'absolute',
    amr: session.amr,
    endedAt: null,
    reason: null,
  }),
  ended: (entry, nameOf) => ({
    ...endedView(entry, nameOf),
    endsBecause: null,
    amr: entry.session?.amr ?? [],
    endedAt: new Date(entry.at).toISOString(),
    reason: entry.detail,
  }),
};

/** The lines of the console's table of sessions. */
@Injectable()
export class SessionTable {
  constructor(
    private readonly lists: SessionLists,
    @Optional() private readonly hits?: HitService,
  ) {}

  /** @throws 400 `cursor_invalid` */
  async read(query: SessionListQuery): Promise<SessionRows> {
    const list = await this.lists.find(query, ROWS);
    const handles = list.items.map(({ handle }) => handle);
    return { ...list, hits: (await this.hits?.forSessions(handles)) ?? null };
  }
}
