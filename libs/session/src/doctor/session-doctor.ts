import { Inject, Injectable, Logger } from '@nestjs/common';
import { Clock } from 'nest-gatehouse/common';
import type { ResolvedSessionOptions } from '../session.options.js';
import { SESSION_OPTIONS } from '../session.tokens.js';
import { ReturningCookies } from './returning-cookies.js';
import { REMEDIES, type DoctorCode } from './remedies.js';

/** What is set up wrong, and what to do about it. */
export interface DoctorFinding {
  readonly code: DoctorCode;
  /** What was seen, the first time. */
  readonly message: string;
  readonly remedy: string;
  readonly count: number;
  /** Milliseconds since the epoch. */
  readonly lastSeenAt: number;
}

/**
 * Answers the question "why is my cookie not set?": keeps one finding for each code, however often it is seen, and logs
 * it as a warning the first time.
 */
@Injectable()
export class SessionDoctor {
  readonly #logger = new Logger('Doctor');
  readonly returning = new ReturningCookies();
  readonly #findings = new Map<DoctorCode, DoctorFinding>();

  constructor(
    @Inject(SESSION_OPTIONS) private readonly options: ResolvedSessionOptions,
    private readonly clock: Clock,
  ) {}

  /** Whether each request is examined, not only what costs nothing. */
  get examinesRequests(): boolean {
    return this.options.doctor === true;
  }

  /** The latest first. */
  findings(): readonly DoctorFinding[] {
    return [...this.#findings.values()].sort((one, other) => other.lastSeenAt - one.lastSeenAt);
  }

  /** @param message one sentence without any value that a client has sent. @param logs whether to log it */
  found(code: DoctorCode, message: string, logs = true): void {
    if (this.options.doctor === false) return;
    const before = this.#findings.get(code);
    const lastSeenAt = this.clock.now();
    if (before) {
      this.#findings.set(code, { ...before, count: before.count + 1, lastSeenAt });
      return;
    }
    const remedy = REMEDIES[code];
    this.#findings.set(code, { code, message, remedy, count: 1, lastSeenAt });
    if (logs) this.#logger.warn(`${code}: ${message} ${remedy}`);
  }
}
