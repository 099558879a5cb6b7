import { Injectable } from '@nestjs/common';
import {
  type AttemptCounter,
  type AttemptOutcome,
  type FailurePolicy,
  LoginAttempts,
  type StoredAttempts,
  type WindowPolicy,
  withFailure,
  withWindowFailure,
} from 'nest-gatehouse/auth/storage';
import { type Awaitable, Clock, SystemClock } from 'nest-gatehouse/common';
import { toText } from '../driver/sqlite-text.js';
import { SqliteDatabase } from '../database/sqlite.database.js';
import { valuesOf } from '../driver/sqlite.driver.js';

const SELECT = 'SELECT failures, blocked_until, expires_at FROM login_attempts WHERE key = ?';
const STORE = 'INSERT OR REPLACE INTO login_attempts (key, failures, blocked_until, expires_at) VALUES (?, ?, ?, ?)';
const DELETE = 'DELETE FROM login_attempts WHERE key = ?';
const TAKE_BACK = 'UPDATE login_attempts SET failures = failures - 1, blocked_until = 0 WHERE key = ? AND failures > 1';
const TAKE_BACK_LAST = 'DELETE FROM login_attempts WHERE key = ? AND failures <= 1';
// Deletes a few expired counters with each counted failure: more than are added, so that no sweep is needed.
const FORGET = `DELETE FROM login_attempts WHERE key IN (
  SELECT key FROM login_attempts INDEXED BY login_attempts_by_end WHERE expires_at <= ? ORDER BY expires_at LIMIT 8)`;

type Counting = (counter: StoredAttempts | undefined, now: number) => StoredAttempts | null;

/** Counters shared by all processes on the file: each is read and raised in one transaction. */
@Injectable()
export class SqliteLoginAttempts extends LoginAttempts {
  constructor(
    private readonly database: SqliteDatabase,
    private readonly clock: Clock = new SystemClock(),
  ) {
    super();
  }

  override countFailure(key: string, policy: FailurePolicy): Promise<AttemptOutcome> {
    const given = { ...policy };
    return this.#count(key, (counter, now) => withFailure(counter, given, now));
  }

  override countInWindow(key: string, policy: WindowPolicy): Promise<AttemptOutcome> {
    const given = { ...policy };
    return this.#count(key, (counter, now) => withWindowFailure(counter, given, now));
  }

  override async takeBack(key: string): Promise<void> {
    await this.database.write(
      () => {
        // Deleted first, because the other statement may leave the counter at one.
        this.database.statement(TAKE_BACK_LAST).run(toText(key));
        this.database.statement(TAKE_BACK).run(toText(key));
      },
      'default',
      'end',
    );
  }

  override async clear(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    const given = keys.map(toText);
    const clear = () => given.forEach((key) => this.database.statement(DELETE).run(key));
    await this.database.write(clear, 'default', 'end');
  }

  override read(key: string): Awaitable<AttemptCounter> {
    return this.database.read(() => {
      const now = this.clock.now();
      const counter = this.#stored(key);
      if (!counter || counter.expiresAt <= now) return { failures: 0, blockedUntil: 0 };
      return { failures: counter.failures, blockedUntil: counter.blockedUntil > now ? counter.blockedUntil : 0 };
    });
  }

  #count(key: string, count: Counting): Promise<AttemptOutcome> {
    return this.database.write(
      () => {
        const now = this.clock.now();
        const counter = this.#stored(key);
        const counted = count(counter, now);
        if (!counted) return { allowed: false, retryAt: counter!.blockedUntil };
        this.database.statement(STORE).run(toText(key), counted.failures, counted.blockedUntil, counted.expiresAt);
        this.database.statement(FORGET).run(now);
        return { allowed: true };
      },
      'default',
      'little',
    );
  }

  #stored(key: string): StoredAttempts | undefined {
    const row = this.database.statement(SELECT, true).get(toText(key));
    if (row === undefined) return undefined;
    const [failures, blockedUntil, expiresAt] = valuesOf(row) as [number, number, number];
    return { failures, blockedUntil, expiresAt };
  }
}
