import { Injectable } from '@nestjs/common';
import { BadCursorError } from 'nest-gatehouse/common';
import { type SessionInfo, SessionService } from 'nest-gatehouse/session';
import { deviceName, type SessionPage } from 'nest-gatehouse/session/storage';
import { AuthStorage } from '../storage/auth-storage.js';
import { badCursor } from '../auth.problems.js';
import { isoTime } from '../http/views.js';

/** A live session of a user, as staff see it. Times are ISO 8601 in UTC. */
export interface StaffSession {
  readonly handle: string;
  /** The username; null if the account was deleted. */
  readonly user: string | null;
  readonly roles: readonly string[];
  readonly ip: string | null;
  readonly device: string | null;
  readonly createdAt: string;
  readonly lastSeenAt: string;
  readonly expiresAt: string;
}

export interface StaffSessionList {
  readonly items: readonly StaffSession[];
  readonly next: string | null;
}

/** How many pages of the store are read at most, if almost nobody is signed in. */
const MAX_PAGES = 20;

type Named = Pick<StaffSession, 'user' | 'roles'>;

const NOBODY: Named = { user: null, roles: [] };

/** Who is signed in now, over all users. */
@Injectable()
export class StaffSessionsService {
  constructor(
    private readonly sessions: SessionService,
    private readonly storage: AuthStorage,
  ) {}

  /**
   * Newest first. Anonymous sessions are left out. So a page may have a few more than `limit`, or fewer if there are
   * very many anonymous ones; `next` is null only at the end. @throws 400 `cursor_invalid`
   */
  async list({ limit, cursor }: SessionPage): Promise<StaffSessionList> {
    const found: SessionInfo[] = [];
    let next: string | null = cursor ?? null;
    for (let pages = 0; pages < MAX_PAGES && found.length < limit; pages++) {
      const page = await this.#page({ limit, cursor: next ?? undefined });
      found.push(...page.items.filter(({ userId }) => userId !== null));
      next = page.next;
      if (next === null) break;
    }
    const names = await this.#names(found);
    return { items: found.map((info) => viewSession(info, names.get(info.userId!) ?? NOBODY)), next };
  }

  async #page(page: SessionPage) {
    try {
      return await this.sessions.find({}, page);
    } catch (error) {
      throw error instanceof BadCursorError ? badCursor() : error;
    }
  }

  async #names(found: readonly SessionInfo[]): Promise<ReadonlyMap<string, Named>> {
    const ids = [...new Set(found.map(({ userId }) => userId!))];
    const users = await Promise.all(
      ids.map((id) => this.storage.ask('users.find', () => this.storage.users.findById(id))),
    );
    return new Map(
      users.flatMap((user) => (user ? [[user.id, { user: user.username, roles: user.roles }] as const] : [])),
    );
  }
}

function viewSession(info: SessionInfo, { user, roles }: Named): StaffSession {
  const { handle, ip, userAgent, createdAt, lastSeenAt, expiresAt } = info;
  const times = { createdAt: isoTime(createdAt), lastSeenAt: isoTime(lastSeenAt), expiresAt: isoTime(expiresAt) };
  return { handle, user, roles, ip, device: deviceName(userAgent), ...times };
}
