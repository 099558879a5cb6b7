import { Injectable } from '@nestjs/common';
import { BadCursorError } from 'nest-gatehouse/common';
import { describeSession, type SessionInfo, SessionService } from 'nest-gatehouse/session';
import { deviceName, type SessionPage } from 'nest-gatehouse/session/storage';
import { auditOriginOf } from '../audit/audit-origin.js';
import { AuditService } from '../audit/audit.service.js';
import type { Visitor } from '../http/http-request.js';
import { badCursor, notSignedIn, sessionNotFound } from '../auth.problems.js';
import { UserSessions } from '../users/user-sessions.service.js';
import { isoTime } from '../http/views.js';

/** One of the user's own sessions. Times are ISO 8601 in UTC. */
export interface MySession {
  readonly handle: string;
  /** Whether it is the session of this request. */
  readonly current: boolean;
  readonly device: string | null;
  readonly ip: string | null;
  readonly createdAt: string;
  readonly lastSeenAt: string;
  readonly expiresAt: string;
}

export interface MySessionList {
  readonly items: readonly MySession[];
  readonly next: string | null;
}

/** Lists and ends a user's own sessions (OWASP ASVS 5.0, 7.5.2). */
@Injectable()
export class MySessionsService {
  constructor(
    private readonly sessions: SessionService,
    private readonly userSessions: UserSessions,
    private readonly audit: AuditService,
  ) {}

  /** Newest first. @throws 400 `cursor_invalid` */
  async list({ session }: Visitor, page: SessionPage): Promise<MySessionList> {
    const { userId, handle } = requireUser(session);
    try {
      const { items, next } = await this.sessions.findByUser(userId, page);
      return { items: items.map((info) => toMySession(info, handle)), next };
    } catch (error) {
      throw error instanceof BadCursorError ? badCursor() : error;
    }
  }

  /** @throws 404 `session_not_found` for anything but a live session of this user */
  async end(visitor: Visitor, handle: string): Promise<void> {
    const { session } = visitor;
    const { userId, handle: current } = requireUser(session);
    if (handle === current) return session!.destroy();
    const other = await this.sessions.read(handle);
    const origin = auditOriginOf(visitor);
    if (other?.userId === userId && (await this.sessions.end(handle, 'logout_elsewhere', origin))) return;
    // The answer is the same as for an unknown handle, but the attempt is recorded.
    if (other && other.userId !== userId)
      await this.audit.record('object.denied', { ...origin, userId: other.userId, detail: `session ${handle}` });
    throw sessionNotFound();
  }

  /**
   * Ends all but this one, whose secret is swapped. @returns how many. @throws 401 `session_ended`, 409 `conflict` if
   * the request came with the secret from before the last renewal, with which a thief could lock the owner out; nothing
   * has ended then. 503
   */
  async endOthers(visitor: Visitor): Promise<number> {
    const { session } = visitor;
    const { userId } = requireUser(session);
    const done = await this.userSessions.end(userId, {
      reason: 'logout_elsewhere',
      keep: { session: session! },
      cause: auditOriginOf(visitor),
    });
    if (!done) throw notSignedIn();
    return done.ended;
  }
}

function requireUser(session: Visitor['session']): SessionInfo & { readonly userId: string } {
  const info = describeSession(session);
  if (!info || info.userId === null) throw notSignedIn();
  return { ...info, userId: info.userId };
}

function toMySession(info: SessionInfo, current: string): MySession {
  return {
    handle: info.handle,
    current: info.handle === current,
    device: deviceName(info.userAgent),
    ip: info.ip,
    createdAt: isoTime(info.createdAt),
    lastSeenAt: isoTime(info.lastSeenAt),
    expiresAt: isoTime(info.expiresAt),
  };
}
