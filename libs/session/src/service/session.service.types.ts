import type { SessionCause } from '../engine/session.events.js';
import type { SessionInfo } from '../request/session-info.js';
import type { SessionValues } from '../session.types.js';
import type { EndReason } from '../storage/end-reason.js';

export interface CreateSessionOptions {
  /** Default: none. */
  readonly data?: object;
  /** The account's canonical username, by which lists find the session. Default: unknown. */
  readonly username?: string;
  /** Milliseconds; default: the module's `idleTimeout`. */
  readonly idleTimeout?: number;
  /** Default: the module's `cookie.persistent`. */
  readonly persistent?: boolean;
  /** How the user proved who they are (RFC 8176); sets `authTime` to now. Default: unknown. */
  readonly amr?: readonly string[];
  readonly aal?: number;
  readonly ip?: string;
  readonly userAgent?: string;
  readonly label?: string;
}

/** A stored session with its values. */
export interface SessionSnapshot extends SessionInfo {
  readonly data: SessionValues;
}

export interface EndAllOptions {
  /** The handle of a session that does not end. Default none. */
  readonly except?: string;
  /** For the events. Default `'administrator'`. */
  readonly reason?: EndReason;
  /** Who asked for it, for the events. Default: no request. */
  readonly cause?: SessionCause;
}

export interface SessionInfoList {
  readonly items: readonly SessionInfo[];
  readonly next: string | null;
}
