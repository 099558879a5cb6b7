import { Injectable } from '@nestjs/common';
import { frozenRecord } from '../storage/frozen-record.js';
import { rotateRecord, updateRecord } from '../storage/record-changes.js';
import type { EndedSession } from '../storage/session-index.js';
import type { SessionRecord } from '../storage/session-record.js';
import {
  SessionExistsError,
  SessionStore,
  type RotationOutcome,
  type SecretRotation,
  type SessionUpdate,
  type UpdateOutcome,
} from '../storage/session-store.js';
import { MemorySessions } from './memory-sessions.js';

/**
 * Sessions in the memory of one process, bounded in number and size, and lost with it. Every method answers
 * synchronously, with frozen records.
 */
@Injectable()
export class MemorySessionStore extends SessionStore {
  constructor(private readonly sessions: MemorySessions = new MemorySessions()) {
    super();
  }

  /** Calls `listener` for each session that was ended to make room for another one. */
  onEvicted(listener: (ended: EndedSession) => void): void {
    this.sessions.onEvicted(listener);
  }

  /**
   * @throws SessionExistsError @throws StoreUnavailableError if only signed-in sessions could make room for an
   * anonymous one.
   */
  override insert(record: SessionRecord): void {
    if (this.sessions.has(record.handle)) throw new SessionExistsError(record.handle);
    this.sessions.add(frozenRecord(record));
  }

  override read(handle: string): SessionRecord | null {
    return this.sessions.live(handle) ?? null;
  }

  override update(handle: string, update: SessionUpdate): UpdateOutcome {
    const former = this.sessions.live(handle);
    if (!former) return { status: 'gone' };
    const { outcome, record } = updateRecord(former, update);
    if (record) this.sessions.replace(former, record);
    return outcome;
  }

  override rotate(handle: string, rotation: SecretRotation): RotationOutcome {
    const former = this.sessions.live(handle);
    if (!former) return 'gone';
    const { outcome, record } = rotateRecord(former, rotation);
    if (record) this.sessions.replace(former, record);
    return outcome;
  }

  override delete(handle: string): boolean {
    if (!this.sessions.live(handle)) return false;
    this.sessions.remove(handle);
    return true;
  }
}
