import { Injectable } from '@nestjs/common';
import { type AdminJob, type AdminJobChanges, AdminJobs } from 'nest-gatehouse/admin/storage';
import type { Awaitable } from 'nest-gatehouse/common';
import { inSmallerSteps } from '../database/smaller-steps.js';
import { SqliteDatabase } from '../database/sqlite.database.js';
import { valuesOf } from '../driver/sqlite.driver.js';
import { fromOptionalText, fromText, toOptionalText, toText } from '../driver/sqlite-text.js';

const COLUMNS = 'id, state, matched, ended, started_at, lease_until, step';
const INSERT = `INSERT INTO admin_jobs (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)`;
const SELECT = `SELECT ${COLUMNS} FROM admin_jobs WHERE id = ?`;
const UPDATE = 'UPDATE admin_jobs SET (state, ended, lease_until, step) = (?, ?, ?, ?) WHERE id = ?';
const ABANDONED = `SELECT ${COLUMNS} FROM admin_jobs INDEXED BY admin_jobs_running
  WHERE state = 'running' AND lease_until <= ? ORDER BY lease_until LIMIT ?`;
const EXPIRE = `DELETE FROM admin_jobs WHERE id IN (
  SELECT id FROM admin_jobs INDEXED BY admin_jobs_by_start
  WHERE state <> 'running' AND started_at < ? ORDER BY started_at LIMIT ?)`;

/** Jobs shared by all processes on the file. */
@Injectable()
export class SqliteAdminJobs extends AdminJobs {
  constructor(private readonly database: SqliteDatabase) {
    super();
  }

  override async insert({ id, state, matched, ended, startedAt, leaseUntil, step }: AdminJob): Promise<void> {
    const row = [toText(id), state, matched, ended, startedAt, leaseUntil, toOptionalText(step)];
    await this.database.write(() => this.database.statement(INSERT).run(...row), 'durable', 'end');
  }

  override read(id: string): Awaitable<AdminJob | null> {
    return this.database.read(() => this.#stored(id));
  }

  override update(id: string, leaseUntil: number, changes: AdminJobChanges): Promise<boolean> {
    const given = { ...changes };
    const update = () => {
      const job = this.#stored(id);
      if (job?.state !== 'running' || job.leaseUntil !== leaseUntil) return false;
      const next = { ...job, ...given };
      const values = [next.state, next.ended, next.leaseUntil, toOptionalText(next.step)];
      this.database.statement(UPDATE).run(...values, toText(id));
      return true;
    };
    return this.database.write(update, 'durable', 'end');
  }

  override abandoned(now: number, limit: number): Awaitable<readonly AdminJob[]> {
    return this.database.read(() => this.database.statement(ABANDONED, true).all(now, limit).map(jobOf));
  }

  override expire(before: number, limit: number): Promise<number> {
    const expire = (some: number) => Number(this.database.statement(EXPIRE).run(before, some).changes);
    return inSmallerSteps(limit, (some) => this.database.write(() => expire(some), 'default', 'end'));
  }

  #stored(id: string): AdminJob | null {
    const row = this.database.statement(SELECT, true).get(toText(id));
    return row === undefined ? null : jobOf(row);
  }
}

function jobOf(row: unknown): AdminJob {
  const [id, state, matched, ended, startedAt, leaseUntil, step] = valuesOf(row) as [
    string,
    AdminJob['state'],
    number,
    number,
    number,
    number,
    unknown,
  ];
  return Object.freeze({
    id: fromText(id),
    state,
    matched,
    ended,
    startedAt,
    leaseUntil,
    step: fromOptionalText(step),
  });
}
