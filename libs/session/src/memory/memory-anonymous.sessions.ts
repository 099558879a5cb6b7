import { Injectable } from '@nestjs/common';
import { AnonymousSessions, type AnonymousUsage } from '../storage/anonymous-sessions.js';
import type { EndedSession } from '../storage/session-index.js';
import { toSummary } from '../storage/session-record.js';
import { MemorySessions } from './memory-sessions.js';

/**
 *  Bounds the anonymous sessions of a `MemorySessionStore`. `MemoryStorageOptions` bound all of its sessions together.
 */
@Injectable()
export class MemoryAnonymousSessions extends AnonymousSessions {
  constructor(private readonly sessions: MemorySessions) {
    super();
  }

  override evictOldest(bounds: AnonymousUsage, limit: number): readonly EndedSession[] {
    return this.sessions.takeOldestAnonymous(bounds, limit).map(toSummary);
  }
}
