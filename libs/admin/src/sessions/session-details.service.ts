import { Inject, Injectable, Optional } from '@nestjs/common';
import { AuditService } from 'nest-gatehouse/auth';
import { type AuditEntry } from 'nest-gatehouse/auth/storage';
import {
  type EndReason,
  SessionService,
  type SessionSnapshot,
  SessionSweeper,
  type SessionValues,
} from 'nest-gatehouse/session';
import { HitService } from 'nest-gatehouse/hits';
import { isHandle } from 'nest-gatehouse/session/storage';
import { AccountNames, type NameOf } from '../terms/account-names.js';
import type { ResolvedAdminOptions } from '../admin.options.js';
import { sessionNotFound } from '../admin.problems.js';
import { ADMIN_OPTIONS } from '../admin.tokens.js';
import { endedBy, type EndedBy } from './end-facts.js';
import { endedView, endOf, liveView, type SessionView } from './session-views.js';
import { iso, isoOr } from '../terms/times.js';
import { timelineOf, timelineType, type TimelineEvent } from './timeline.js';
import { whyEnded, whyLive, type LiveFacts } from './why.js';

/** One session, live or ended. Times are ISO 8601 in UTC; null where the trail does not know. */
export interface SessionDetails extends SessionView {
  readonly idleExpiresAt: string | null;
  readonly absoluteExpiresAt: string | null;
  /** Which of the two ends comes first. */
  readonly endsBecause: 'idle' | 'absolute' | null;
  readonly authTime: string | null;
  readonly amr: readonly string[];
  /** Whether its cookie outlives the browser. */
  readonly persistent: boolean | null;
  /** Requests with it; null if they are not counted, or it has ended. */
  readonly hits: number | null;
  /** The names of its data; empty for an ended one. */
  readonly keys: readonly string[];
  /** Its data, if the option `showValues` is set. */
  readonly data?: SessionValues;
  readonly endedAt?: string;
  readonly reason?: EndReason;
  readonly by?: EndedBy;
  /** Why it ended, or how it stands with it, in one sentence for people. */
  readonly why: string;
  /** What happened to it, oldest first, as far as the audit trail tells; at most the last 500. */
  readonly timeline: readonly TimelineEvent[];
}

const PAGE = 100;
const MAX_PAGES = 5;
const LOST: ReadonlySet<string> = new Set<NonNullable<LiveFacts['lost']>['type']>(['secret_refused', 'data_invalid']);

/** Tells everything about one session, and why it has ended. */
@Injectable()
export class SessionDetailsService {
  constructor(
    @Inject(ADMIN_OPTIONS) private readonly options: ResolvedAdminOptions,
    private readonly sessions: SessionService,
    private readonly sweeper: SessionSweeper,
    private readonly audit: AuditService,
    private readonly names: AccountNames,
    @Optional() private readonly hits?: HitService,
  ) {}

  /** @throws 404 `session_not_found` if it neither lives nor is in the trail */
  async read(handle: string): Promise<SessionDetails> {
    const live = isHandle(handle) ? await this.sessions.read(handle) : null;
    let entries = isHandle(handle) ? await this.#entries(handle) : [];
    if (!live && entries.length === 0) throw sessionNotFound();
    if (!live && !entries.some(isEnd)) {
      // It has expired, and nobody has removed it yet.
      await this.sweeper.sweep();
      await this.audit.settled();
      entries = await this.#entries(handle);
    }
    const nameOf = await this.names.of(entries.flatMap(({ actorId, userId }) => [actorId, userId]));
    return live ? this.#live(live, entries, nameOf) : this.#ended(entries, nameOf);
  }

  /** Newest first. */
  async #entries(handle: string): Promise<readonly AuditEntry[]> {
    const found: AuditEntry[] = [];
    let cursor: string | undefined;
    for (let pages = 0; pages < MAX_PAGES; pages++) {
      const page = await this.audit.find({ handle }, { limit: PAGE, cursor });
      // An act of this session on something else, such as an administrator's, is no part of its own story.
      found.push(...page.items.filter((entry) => isOfSession(entry)));
      if (page.next === null) break;
      cursor = page.next;
    }
    return found;
  }

  async #live(session: SessionSnapshot, entries: readonly AuditEntry[], nameOf: NameOf): Promise<SessionDetails> {
    const { idleExpiresAt, absoluteExpiresAt, authTime, amr, persistent, data } = session;
    const view = liveView(session, await this.names.of([session.username === null ? session.userId : null]));
    const endsBecause = idleExpiresAt < absoluteExpiresAt ? 'idle' : 'absolute';
    const expiresAt = view.expiresAt!;
    return {
      ...view,
      idleExpiresAt: iso(Math.min(idleExpiresAt, absoluteExpiresAt)),
      absoluteExpiresAt: iso(absoluteExpiresAt),
      endsBecause,
      authTime: isoOr(authTime),
      amr,
      persistent,
      hits: (await this.hits?.forSession(session.handle)) ?? null,
      keys: Object.keys(data),
      ...(this.options.showValues && { data }),
      why: whyLive({ endsBecause, expiresAt, lost: lostAfter(entries, session.lastSeenAt) }),
      timeline: timelineOf(entries, view.createdAt, nameOf),
    };
  }

  #ended(entries: readonly AuditEntry[], nameOf: NameOf): SessionDetails {
    const end = entries.find(isEnd);
    if (!end) throw sessionNotFound();
    const { session = null } = end;
    const reason = end.detail as EndReason;
    const endedAt = iso(end.at);
    const by = endedBy(end, nameOf);
    const times = {
      idleExpiresAt: isoOr(session && endOf(session)),
      absoluteExpiresAt: isoOr(session?.absoluteExpiresAt),
    };
    return {
      ...endedView(end, nameOf),
      ...times,
      endsBecause: null,
      authTime: isoOr(session?.authTime),
      amr: session?.amr ?? [],
      persistent: null,
      hits: null,
      keys: [],
      endedAt,
      reason,
      by,
      why: whyEnded({ reason, by, endedAt, ...times }),
      timeline: timelineOf(entries, isoOr(session?.createdAt), nameOf),
    };
  }
}

function isEnd({ type }: AuditEntry): boolean {
  return type === 'session.ended';
}

/** What the session's own user did to the session, or somebody else to it. */
function isOfSession({ type, actorId, userId }: AuditEntry): boolean {
  return type.startsWith('session.') || actorId === null || userId === null || actorId === userId;
}

/** The latest refusal, if it came after the session was last used. */
function lostAfter(entries: readonly AuditEntry[], lastSeenAt: number): LiveFacts['lost'] {
  const refusal = entries.find((entry) => entry.type === 'session.refused');
  if (!refusal || refusal.at < lastSeenAt) return null;
  const type = timelineType(refusal);
  return LOST.has(type) ? { type: type as 'secret_refused' | 'data_invalid', at: iso(refusal.at) } : null;
}
