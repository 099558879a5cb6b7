import { Injectable } from '@nestjs/common';
import { type PendingEnd, PendingEnds } from 'nest-gatehouse/auth/storage';
import type { Awaitable } from 'nest-gatehouse/common';
import { fromText, toText } from '../driver/sqlite-text.js';
import { SqliteDatabase } from '../database/sqlite.database.js';
import { valuesOf } from '../driver/sqlite.driver.js';

const INSERT = 'INSERT INTO pending_ends (id, user_id, begun_at, reason) VALUES (?, ?, ?, ?)';
const DELETE = 'DELETE FROM pending_ends WHERE id = ?';
const OLDEST =
  'SELECT id, user_id, begun_at, reason FROM pending_ends WHERE begun_at <= ? ORDER BY begun_at, id LIMIT ?';

/**
 * Notes in the same file as the sessions. No end begins without its note, so it must be written even if the disk is
 * full.
 */
@Injectable()
export class SqlitePendingEnds extends PendingEnds {
  constructor(private readonly database: SqliteDatabase) {
    super();
  }

  override async add({ id, userId, begunAt, reason }: PendingEnd): Promise<void> {
    const insert = () => this.database.statement(INSERT).run(toText(id), toText(userId), begunAt, reason ?? null);
    await this.database.write(insert, 'durable', 'end');
  }

  override async remove(id: string): Promise<void> {
    await this.database.write(() => this.database.statement(DELETE).run(toText(id)), 'default', 'end');
  }

  override begunBy(time: number, limit: number): Awaitable<readonly PendingEnd[]> {
    return this.database.read(() => this.database.statement(OLDEST, true).all(time, limit).map(toPendingEnd));
  }
}

function toPendingEnd(row: unknown): PendingEnd {
  const [id, userId, begunAt, reason] = valuesOf(row) as [string, string, number, PendingEnd['reason'] | null];
  return Object.freeze({ id: fromText(id), userId: fromText(userId), begunAt, ...(reason && { reason }) });
}
