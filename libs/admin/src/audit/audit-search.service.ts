import { Injectable } from '@nestjs/common';
import { AuditService } from 'nest-gatehouse/auth';
import type { AuditEntry, AuditFilter } from 'nest-gatehouse/auth/storage';
import { BadCursorError } from 'nest-gatehouse/common';
import { deviceName } from 'nest-gatehouse/session/storage';
import { AccountNames, type NameOf } from '../terms/account-names.js';
import { cursorInvalid } from '../admin.problems.js';
import { iso } from '../terms/times.js';
import type { AuditConditions, AuditQuery } from './audit-query.js';

/** An entry of the trail as administrators see it. */
export interface AuditView {
  readonly id: string;
  /** ISO 8601 in UTC. */
  readonly at: string;
  readonly type: string;
  /** The username of whoever did it; of a deleted account its pseudonym. */
  readonly actor: string | null;
  readonly actorId: string | null;
  /** The username of the account that it was done to. */
  readonly user: string | null;
  readonly userId: string | null;
  /** As it was typed at a sign-in that named no account. */
  readonly username: string | null;
  readonly handle: string | null;
  readonly ip: string | null;
  readonly device: string | null;
  readonly userAgent: string | null;
  readonly detail: string | null;
}

export interface AuditViewList {
  readonly items: readonly AuditView[];
  readonly next: string | null;
}

const PAGE = 200;

/** Searches the audit trail. */
@Injectable()
export class AuditSearch {
  constructor(
    private readonly audit: AuditService,
    private readonly names: AccountNames,
  ) {}

  /** Newest first. @throws 400 `cursor_invalid` */
  async list({ limit, cursor, ...conditions }: AuditQuery): Promise<AuditViewList> {
    const filter = await this.#filterOf(conditions);
    try {
      const { items, next } = await this.audit.find(filter, { limit, cursor });
      return { items: await this.#views(items), next };
    } catch (error) {
      throw error instanceof BadCursorError ? cursorInvalid() : error;
    }
  }

  /** All that match, newest first, as lines of JSON; read page by page as they are taken. */
  async *lines(conditions: AuditConditions): AsyncGenerator<string> {
    const filter = await this.#filterOf(conditions);
    let cursor: string | null | undefined;
    do {
      const page = await this.audit.find(filter, { limit: PAGE, cursor: cursor ?? undefined });
      for (const view of await this.#views(page.items)) yield `${JSON.stringify(view)}\n`;
      cursor = page.next;
    } while (cursor !== null);
  }

  async #filterOf({ user, actor, from, to, ...exact }: AuditConditions): Promise<AuditFilter> {
    const [userId, actorId] = await Promise.all([user, actor].map((name) => name && this.names.subjectOf(name)));
    return { ...exact, userId, actorId, since: from, before: to };
  }

  async #views(entries: readonly AuditEntry[]): Promise<AuditView[]> {
    const nameOf = await this.names.of(entries.flatMap(({ actorId, userId }) => [actorId, userId]));
    return entries.map((entry) => viewOf(entry, nameOf));
  }
}

function viewOf(entry: AuditEntry, nameOf: NameOf): AuditView {
  const { id, at, type, actorId, userId, username, handle, ip, userAgent, detail } = entry;
  const name = (of: string | null) => (of === null ? null : nameOf(of));
  return {
    id,
    at: iso(at),
    type,
    actor: name(actorId),
    actorId,
    user: name(userId),
    userId,
    username,
    handle,
    ip,
    device: deviceName(userAgent),
    userAgent,
    detail,
  };
}
