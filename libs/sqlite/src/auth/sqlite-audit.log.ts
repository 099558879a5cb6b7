import { Injectable } from '@nestjs/common';
import {
  type AuditedAccount,
  type AuditedSession,
  type AuditEntry,
  type AuditFilter,
  type AuditList,
  AuditLog,
  type AuditPage,
  type AuditType,
  decodeKeyCursor,
  encodeKeyCursor,
  pseudonymised,
} from 'nest-gatehouse/auth/storage';
import { inSmallerSteps } from '../database/smaller-steps.js';
import { type SqliteValue, valuesOf } from '../driver/sqlite.driver.js';
import { fromOptionalText, fromText, toOptionalText, toText } from '../driver/sqlite-text.js';
import { SqliteDatabase } from '../database/sqlite.database.js';

const COLUMNS = 'id, at, type, actor_id, user_id, username, handle, ip, user_agent, detail, session';
const INSERT = `INSERT INTO audit_log (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const RENAME = 'UPDATE audit_log SET (actor_id, user_id, username, session) = (?, ?, ?, ?) WHERE id = ?';
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

  override async appendAll(entries: readonly AuditEntry[]): Promise<void> {
    const rows = entries.map(rowOf);
    await this.database.write(() => rows.forEach((row) => this.database.statement(INSERT).run(...row)));
  }

  override async find(filter: AuditFilter, { limit, cursor }: AuditPage): Promise<AuditList> {
    const after = cursor === undefined ? null : decodeKeyCursor('audit', cursor);
    const entries = await this.database.read(() => this.#entries(filter, after, limit + 1));
    const items = entries.slice(0, limit);
    return { items, next: entries.length > limit ? encodeKeyCursor('audit', items.at(-1)!.id) : null };
  }

  override count(filter: AuditFilter): Promise<number> {
    return this.database.read(() => {
      const condition = this.#matching(filter, null);
      if (!condition) return 0;
      const sql = `SELECT count(*) FROM audit_log ${indexFor(filter)} ${condition.sql}`;
      return valuesOf(this.database.statement(sql, true).get(...condition.values))[0] as number;
    }) as Promise<number>;
  }

  override pseudonymise(account: AuditedAccount, pseudonym: string, limit: number): Promise<number> {
    const rename = (some: number) => {
      const found = this.#entriesOf(account, some);
      for (const entry of found) {
        const { actorId, userId, username, session } = pseudonymised(entry, account, pseudonym);
        const texts = [actorId, userId, username, sessionText(session)].map(toOptionalText);
        this.database.statement(RENAME).run(...texts, toText(entry.id));
      }
      return found.length;
    };
    return inSmallerSteps(limit, (some) => this.database.write(() => rename(some), 'default', 'end'));
  }

  override expire(before: number, limit: number): Promise<number> {
    const expire = (some: number) => Number(this.database.statement(EXPIRE).run(before, some).changes);
    return inSmallerSteps(limit, (some) => this.database.write(() => expire(some), 'default', 'end'));
  }

  #entries(filter: AuditFilter, after: string | null, limit: number): AuditEntry[] {
    const condition = this.#matching(filter, after);
    if (!condition) return [];
    const sql = `SELECT ${COLUMNS} FROM audit_log ${indexFor(filter)} ${condition.sql} ORDER BY id DESC LIMIT ?`;
    return Array.from(this.database.statement(sql, true).all(...condition.values, limit), (row) =>
      entryOf(valuesOf(row)),
    );
  }

  /** A WHERE clause; null if nothing can match. */
  #matching({ since, before, ...exact }: AuditFilter, after: string | null): Condition | null {
    const conditions: string[] = [];
    const values: SqliteValue[] = [];
    const where = (condition: string, value: SqliteValue) => {
      conditions.push(condition);
      values.push(value);
    };
    for (const [name, column] of EXACT) {
      const value = exact[name];
      if (value !== undefined) where(`${column} = ?`, toText(value));
    }
    if (after !== null) where('id < ?', toText(after));
    // Ids are sorted by time, so a time can be turned into a position in any index that ends with the id.
    if (since !== undefined) {
      const first = this.#firstSince(since);
      if (first === null) return null;
      where('id >= ?', first);
    }
    const end = before === undefined ? null : this.#firstSince(before);
    if (end !== null) where('id < ?', end);
    return { sql: conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '', values };
  }

  #entriesOf({ id, usernames }: AuditedAccount, limit: number): AuditEntry[] {
    const places = [
      ...['user_id', 'actor_id'].map((column) => [column, id] as const),
      ...usernames.map((username) => ['username', username] as const),
    ];
    const found = places.flatMap(([column, key]) => {
      const sql = `SELECT ${COLUMNS} FROM audit_log WHERE ${column} = ? LIMIT ?`;
      return this.database
        .statement(sql, true)
        .all(toText(key), limit)
        .map((row) => entryOf(valuesOf(row)));
    });
    return [...new Map(found.map((entry) => [entry.id, entry])).values()].slice(0, limit);
  }

  /** The id in its stored form. */
  #firstSince(time: number): string | null {
    const row = this.database.statement(FIRST_SINCE, true).get(time);
    return row === undefined ? null : (valuesOf(row)[0] as string);
  }
}

interface Condition {
  readonly sql: string;
  readonly values: readonly SqliteValue[];
}

/** The most selective first: its index is the one that is walked. */
const EXACT = [
  ['handle', 'handle', 'audit_log_by_handle'],
  ['userId', 'user_id', 'audit_log_by_user'],
  ['username', 'username', 'audit_log_by_username'],
  ['actorId', 'actor_id', 'audit_log_by_actor'],
  ['ip', 'ip', 'audit_log_by_address'],
  ['type', 'type', 'audit_log_by_type'],
] as const satisfies readonly (readonly [name: keyof AuditFilter, column: string, index: string])[];

function indexFor(filter: AuditFilter): string {
  const index = EXACT.find(([name]) => filter[name] !== undefined)?.[2];
  if (index === undefined) return '';
  const withType = index === 'audit_log_by_user' && filter.type !== undefined;
  return `INDEXED BY ${withType ? 'audit_log_by_user_and_type' : index}`;
}

function rowOf(entry: AuditEntry): SqliteValue[] {
  const { id, at, type, actorId, userId, username, handle, ip, userAgent, detail, session } = entry;
  const texts = [actorId, userId, username, handle, ip, userAgent, detail, sessionText(session)];
  return [toText(id), at, type, ...texts.map(toOptionalText)];
}

function sessionText(session: AuditEntry['session']): string | null {
  return session ? JSON.stringify(session) : null;
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
    session: row[10] === null ? null : (JSON.parse(fromText(row[10] as string)) as AuditedSession),
  });
}
