import { Injectable } from '@nestjs/common';
import {
  type AuditEntry,
  type AuditFilter,
  type AuditList,
  AuditLog,
  type AuditPage,
  type AuditType,
  decodeKeyCursor,
  encodeKeyCursor,
} from 'nest-gatehouse/auth/storage';
import { inSmallerSteps } from '../database/smaller-steps.js';
import { type SqliteValue, valuesOf } from '../driver/sqlite.driver.js';
import { fromOptionalText, fromText, toOptionalText, toText } from '../driver/sqlite-text.js';
import { SqliteDatabase } from '../database/sqlite.database.js';

const COLUMNS = 'id, at, type, actor_id, user_id, username, handle, ip, user_agent, detail';
const INSERT = `INSERT INTO audit_log (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const FIRST_SINCE = 'SELECT id FROM audit_log INDEXED BY audit_log_by_time WHERE at >= ? ORDER BY at, id LIMIT 1';
const EXPIRE = `DELETE FROM audit_log WHERE id IN (
  SELECT id FROM audit_log INDEXED BY audit_log_by_time WHERE at < ? ORDER BY at, id LIMIT ?)`;

/** The audit trail in one SQLite file. */
@Injectable()
export class SqliteAuditLog extends AuditLog {
  constructor(private readonly database: SqliteDatabase) {
    super();
  }

  override async append(entry: AuditEntry): Promise<void> {
    const row = rowOf(entry);
    await this.database.write(() => this.database.statement(INSERT).run(...row));
  }

  override async find(filter: AuditFilter, { limit, cursor }: AuditPage): Promise<AuditList> {
    const after = cursor === undefined ? null : decodeKeyCursor('audit', cursor);
    const entries = await this.database.read(() => this.#entries(filter, after, limit + 1));
    const items = entries.slice(0, limit);
    return { items, next: entries.length > limit ? encodeKeyCursor('audit', items.at(-1)!.id) : null };
  }

  override expire(before: number, limit: number): Promise<number> {
    const expire = (some: number) => Number(this.database.statement(EXPIRE).run(before, some).changes);
    return inSmallerSteps(limit, (some) => this.database.write(() => expire(some), 'default', 'end'));
  }

  #entries({ userId, type, since, before }: AuditFilter, after: string | null, limit: number): AuditEntry[] {
    const conditions: string[] = [];
    const values: SqliteValue[] = [];
    const where = (condition: string, value: SqliteValue) => {
      conditions.push(condition);
      values.push(value);
    };
    if (userId !== undefined) where('user_id = ?', toText(userId));
    if (type !== undefined) where('type = ?', type);
    if (after !== null) where('id < ?', toText(after));
    // Ids are sorted by time, so a time can be turned into a position in any index that ends with the id.
    if (since !== undefined) {
      const first = this.#firstSince(since);
      if (first === null) return [];
      where('id >= ?', first);
    }
    const end = before === undefined ? null : this.#firstSince(before);
    if (end !== null) where('id < ?', end);
    const filtered = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
    const sql = `SELECT ${COLUMNS} FROM audit_log ${indexFor(userId, type)} ${filtered} ORDER BY id DESC LIMIT ?`;
    return Array.from(this.database.statement(sql, true).all(...values, limit), (row) => entryOf(valuesOf(row)));
  }

  /** The id in its stored form. */
  #firstSince(time: number): string | null {
    const row = this.database.statement(FIRST_SINCE, true).get(time);
    return row === undefined ? null : (valuesOf(row)[0] as string);
  }
}

function indexFor(userId: string | undefined, type: AuditType | undefined): string {
  if (userId !== undefined) {
    return type === undefined ? 'INDEXED BY audit_log_by_user' : 'INDEXED BY audit_log_by_user_and_type';
  }
  return type === undefined ? '' : 'INDEXED BY audit_log_by_type';
}

function rowOf(entry: AuditEntry): SqliteValue[] {
  const { id, at, type, actorId, userId, username, handle, ip, userAgent, detail } = entry;
  return [toText(id), at, type, ...[actorId, userId, username, handle, ip, userAgent, detail].map(toOptionalText)];
}

function entryOf(row: readonly unknown[]): AuditEntry {
  return Object.freeze({
    id: fromText(row[0] as string),
    at: row[1] as number,
    type: row[2] as AuditType,
    actorId: fromOptionalText(row[3]),
    userId: fromOptionalText(row[4]),
    username: fromOptionalText(row[5]),
    handle: fromOptionalText(row[6]),
    ip: fromOptionalText(row[7]),
    userAgent: fromOptionalText(row[8]),
    detail: fromOptionalText(row[9]),
  });
}
