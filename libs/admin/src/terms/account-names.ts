import { Injectable } from '@nestjs/common';
import { AuditService, UserService } from 'nest-gatehouse/auth';
import { canonicalUsername } from 'nest-gatehouse/auth/storage';

export type NameOf = (id: string) => string | null;

/** Names for the ids of accounts, and ids for names, also of accounts that are gone. */
@Injectable()
export class AccountNames {
  constructor(
    private readonly users: UserService,
    private readonly audit: AuditService,
  ) {}

  /** The usernames of these ids. What belongs to no account is its own name: a pseudonym, or the command line. */
  async of(ids: Iterable<string | null>): Promise<NameOf> {
    const different = [...new Set(ids)].filter((id) => id !== null);
    const names = await Promise.all(different.map(async (id) => (await this.users.findById(id))?.username ?? id));
    const byId = new Map(different.map((id, n) => [id, names[n]!]));
    return (id) => byId.get(id) ?? null;
  }

  /**
   * What stands for this name in the audit trail: the id of the account; of one that was deleted its former id, where the
   * trail was kept, or the pseudonym itself.
   */
  async subjectOf(name: string): Promise<string> {
    const user = await this.users.find(name);
    if (user) return user.id;
    const username = canonicalUsername(name);
    if (username === null) return name;
    const deleted = await this.audit.find({ type: 'user.deleted', username }, { limit: 1 });
    return deleted.items[0]?.userId ?? name;
  }
}
