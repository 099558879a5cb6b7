import { Injectable, Optional } from '@nestjs/common';
import { type Actor, AuditService } from 'nest-gatehouse/auth';
import type { AuditEntry, AuditFilter } from 'nest-gatehouse/auth/storage';
import { Clock } from 'nest-gatehouse/common';
import { SessionService } from 'nest-gatehouse/session';
import { ApiKeys, type ApiKeyInfo } from 'nest-gatehouse/sessman';
import { liveView } from '../sessions/session-views.js';
import { iso, isoOr } from '../terms/times.js';
import { AccountsService } from './accounts.service.js';
import { PersonalData } from './personal-data.js';

const PAGE = 200;

/** Everything that is kept of a user, for a request under Article 15 or 20 of the GDPR. */
@Injectable()
export class AccountExport {
  constructor(
    private readonly accounts: AccountsService,
    private readonly sessions: SessionService,
    private readonly audit: AuditService,
    private readonly clock: Clock,
    @Optional() private readonly keys?: ApiKeys,
    @Optional() private readonly personalData?: PersonalData,
  ) {}

  /** One JSON document; no hash and no secret. @throws 404 `user_not_found` */
  async read(id: string, by: Actor): Promise<object> {
    const user = await this.accounts.require(id);
    const { passwordChangedAt, knownNetworks, rightsChangedAt } = user;
    const account = await this.accounts.read(id);
    await this.audit.record('user.exported', { ...by, userId: id });
    await this.audit.settled();
    return {
      exportedAt: iso(this.clock.now()),
      account: {
        ...account,
        passwordChangedAt: isoOr(passwordChangedAt),
        rightsChangedAt: iso(rightsChangedAt),
        knownNetworks: [...knownNetworks],
      },
      sessions: await this.#sessionsOf(id),
      apiKeys: await this.#keysOf(id),
      auditTrail: { about: await this.#entries({ userId: id }), by: await this.#entries({ actorId: id }) },
      application: (await this.personalData?.export({ id, username: user.username })) ?? null,
    };
  }

  async #sessionsOf(userId: string): Promise<object[]> {
    const handles: string[] = [];
    await everyPage(async (cursor) => {
      const page = await this.sessions.findByUser(userId, { limit: PAGE, cursor });
      handles.push(...page.items.map(({ handle }) => handle));
      return page.next;
    });
    const sessions: object[] = [];
    for (const handle of handles) {
      const session = await this.sessions.read(handle);
      if (session)
        sessions.push({ ...liveView(session, () => null), userAgent: session.userAgent, data: session.data });
    }
    return sessions;
  }

  async #keysOf(userId: string): Promise<ApiKeyInfo[]> {
    const { keys } = this;
    const found: ApiKeyInfo[] = [];
    if (!keys) return found;
    const { username } = await this.accounts.require(userId);
    await everyPage(async (cursor) => {
      const page = await keys.list({ limit: PAGE, cursor });
      found.push(...page.items.filter(({ owner }) => owner === username));
      return page.next;
    });
    return found;
  }

  async #entries(filter: AuditFilter): Promise<object[]> {
    const entries: AuditEntry[] = [];
    await everyPage(async (cursor) => {
      const page = await this.audit.find(filter, { limit: PAGE, cursor });
      entries.push(...page.items);
      return page.next;
    });
    return entries.map(({ at, ...entry }) => ({ at: iso(at), ...entry }));
  }
}

async function everyPage(read: (cursor: string | undefined) => Promise<string | null>): Promise<void> {
  let cursor: string | null | undefined;
  do cursor = await read(cursor ?? undefined);
  while (cursor !== null);
}
