import { Injectable } from '@nestjs/common';
import { AuditService, UserService } from 'nest-gatehouse/auth';
import type { AuditEntry, AuditFilter } from 'nest-gatehouse/auth/storage';
import { BadCursorError, Clock } from 'nest-gatehouse/common';
import { type SessionInfo, SessionService } from 'nest-gatehouse/session';
import type { SessionFilter } from 'nest-gatehouse/session/storage';
import { AccountNames, type NameOf } from '../terms/account-names.js';
import { cursorInvalid } from '../admin.problems.js';
import { matchesEnded } from './ended-filter.js';
import { storeFilter, storePage, type SessionConditions, type SessionListQuery } from './session-query.js';
import { endedView, liveView, type SessionView } from './session-views.js';
import { iso } from '../terms/times.js';

export type SessionViewList = SessionListOf<SessionView>;

export interface SessionListOf<View> {
  readonly items: readonly View[];
  readonly next: string | null;
  /** How many match, if it was asked for. */
  readonly total?: number;
  /** When they were counted, ISO 8601 in UTC. */
  readonly totalAt?: string;
}

/** What a list shows of each session. */
export interface SessionViews<View> {
  live(session: SessionInfo, nameOf: NameOf): View;
  /** @param entry of the type `session.ended` */
  ended(entry: AuditEntry, nameOf: NameOf): View;
}

const VIEWS: SessionViews<SessionView> = { live: liveView, ended: endedView };
const BATCH = 200;
/** How many pages of the trail are read at most for one page of a list. */
const MAX_BATCHES = 25;

/** Lists sessions for administrators: the live ones from the store, the ended ones from the audit trail. */
@Injectable()
export class SessionLists {
  constructor(
    private readonly sessions: SessionService,
    private readonly users: UserService,
    private readonly audit: AuditService,
    private readonly names: AccountNames,
    private readonly clock: Clock,
  ) {}

  /** @throws 400 `cursor_invalid` */
  list(query: SessionListQuery): Promise<SessionViewList> {
    return this.find(query, VIEWS);
  }

  /** As `list`, with views of one's own. @throws 400 `cursor_invalid` */
  async find<View>(query: SessionListQuery, views: SessionViews<View>): Promise<SessionListOf<View>> {
    try {
      if (query.state === 'ended') return await this.#ended(query, views);
      return await this.#live({ ...query, state: query.state }, views);
    } catch (error) {
      throw error instanceof BadCursorError ? cursorInvalid() : error;
    }
  }

  /** What the conditions ask of the store. */
  async filterOf(conditions: SessionConditions): Promise<SessionFilter> {
    const { user, namespace } = conditions;
    const account = user === undefined || namespace !== undefined ? null : await this.users.find(user);
    return storeFilter(conditions, account?.id);
  }

  async #live<View>(
    query: SessionListQuery & SessionConditions,
    views: SessionViews<View>,
  ): Promise<SessionListOf<View>> {
    const filter = await this.filterOf(query);
    const { items, next } = await this.sessions.find(filter, storePage(query));
    const nameOf = await this.names.of(items.map(({ username, userId }) => (username === null ? userId : null)));
    const list = { items: items.map((session) => views.live(session, nameOf)), next };
    return query.total ? { ...list, ...this.#counted(await this.sessions.count(filter)) } : list;
  }

  /** In the order of their ends, newest first. */
  async #ended<View>(query: SessionListQuery, views: SessionViews<View>): Promise<SessionListOf<View>> {
    const filter = await this.#trailFilter(query);
    const items: AuditEntry[] = [];
    let cursor = query.cursor ?? null;
    for (let batches = 0; batches < MAX_BATCHES && items.length < query.limit; batches++) {
      const limit = query.limit - items.length;
      const page = await this.audit.find(filter, { limit, cursor: cursor ?? undefined });
      items.push(...page.items.filter((entry) => matchesEnded(entry, query)));
      cursor = page.next;
      if (cursor === null) break;
    }
    const nameOf = await this.names.of(items.map(({ userId }) => userId));
    const list = { items: items.map((entry) => views.ended(entry, nameOf)), next: cursor };
    return query.total ? { ...list, ...this.#counted(await this.#countEnded(filter, query)) } : list;
  }

  async #countEnded(filter: AuditFilter, query: SessionListQuery): Promise<number> {
    const { userPrefix, ip, device, createdAfter, createdBefore, lastSeenBefore, namespace } = query;
    const further = [userPrefix, ip, device, createdAfter, createdBefore, lastSeenBefore, namespace];
    if (further.every((condition) => condition === undefined)) return this.audit.count(filter);
    let count = 0;
    let cursor: string | null | undefined;
    do {
      const page = await this.audit.find(filter, { limit: BATCH, cursor: cursor ?? undefined });
      count += page.items.filter((entry) => matchesEnded(entry, query)).length;
      cursor = page.next;
    } while (cursor !== null);
    return count;
  }

  async #trailFilter({ user }: SessionListQuery): Promise<AuditFilter> {
    const userId = user === undefined ? undefined : await this.names.subjectOf(user);
    return { type: 'session.ended', userId };
  }

  #counted(total: number) {
    return { total, totalAt: iso(this.clock.now()) };
  }
}
