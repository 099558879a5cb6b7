import { Injectable } from '@nestjs/common';
import {
  BadCursorError,
  confirmIdentity,
  describeSession,
  SessionService,
  type SessionInfo,
  type SessionPage,
} from 'nest-gatehouse/session';
import { auditOriginOf } from './audit-origin.js';
import { AuditService } from './audit.service.js';
import { AuthStorage } from './auth-storage.js';
import { deviceName } from './device-name.js';
import type { Visitor } from './http-request.js';
import { badCursor, notSignedIn, sessionNotFound } from './problems.js';
import { userLock } from './session-limit.js';
import { UserSessions } from './user-sessions.js';
import { isoTime } from './views.js';

/** One of the user's own sessions. Times are ISO 8601 in UTC. */
export interface MySession {
  readonly handle: string;
  /** Whether it is the one that asks. */
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

/** What users see of their own sessions, and end of them (OWASP ASVS 5.0, 7.5.2). */
@Injectable()
export class MySessionsService {
  constructor(
    private readonly storage: AuthStorage,
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
    if (other?.userId === userId && (await this.sessions.end(handle, 'revoked', origin))) return;
    // The same answer as for a handle that nobody has, but somebody has tried.
    if (other && other.userId !== userId)
      await this.audit.record('object.denied', { ...origin, userId: other.userId, detail: `session ${handle}` });
    throw sessionNotFound();
  }

  /** Ends all but this one, whose secret is swapped. @returns how many */
  async endOthers(visitor: Visitor): Promise<number> {
    const { session } = visitor;
    const { userId, handle, authTime, amr } = requireUser(session);
    return this.sessions.exclusively(userLock(userId), async () => {
      const user = await this.storage.ask('users.find', () => this.storage.users.findById(userId));
      if (!user) throw notSignedIn();
      const epoch = (await this.userSessions.epoch(userId, user.epoch)) + 1;
      // This session goes ahead of the account, so that no request of its own finds it left behind.
      await confirmIdentity(session!, { userEpoch: epoch, authTime, amr });
      await this.storage.ask('users.update', () => this.storage.users.update(userId, { raiseEpoch: true }));
      return this.userSessions.end(userId, epoch, handle, auditOriginOf(visitor));
    });
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
