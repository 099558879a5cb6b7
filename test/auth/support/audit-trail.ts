import { AuditService } from 'nest-gatehouse/auth';
import type { AuditEntry, AuditType } from 'nest-gatehouse/auth/storage';
import type { AuthApp } from './auth-app.js';

/** The whole trail as it is stored, oldest first. */
export async function trailOf(app: Pick<AuthApp, 'app'>, type?: AuditType): Promise<AuditEntry[]> {
  const found: AuditEntry[] = [];
  let cursor: string | undefined;
  do {
    const page = await app.app.get(AuditService).find({ type }, { limit: 200, cursor });
    found.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return found.reverse();
}

/** What the trail says that it has left out, in words. */
export async function leftOutOf(app: Pick<AuthApp, 'app'>): Promise<string[]> {
  return (await trailOf(app, 'entries.left_out')).map(({ detail }) => detail!);
}

/** How many there were of a type: those that are stored, and those that were left out. */
export async function countOf(app: Pick<AuthApp, 'app'>, type: AuditType): Promise<number> {
  const leftOut = (await leftOutOf(app)).filter((detail) => detail.startsWith(type));
  const counts = leftOut.map((detail) => Number(/×(\d+)/.exec(detail)![1]));
  return counts.reduce((sum, count) => sum + count, (await trailOf(app, type)).length);
}
