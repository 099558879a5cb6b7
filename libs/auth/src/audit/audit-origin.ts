import { clientAddress, clientOf } from 'nest-gatehouse/common';
import { describeSession, type SessionInfo } from 'nest-gatehouse/session';
import type { AuditNote } from './audit.service.js';
import type { HttpRequest, Visitor } from '../http/http-request.js';

/** Who and where, as every entry has it; what is not known is null. */
export type AuditOrigin = Required<Pick<AuditNote, 'actorId' | 'handle' | 'ip' | 'userAgent'>>;

/** A visitor, a request of the platform, or a socket's handshake, which no platform has looked at. */
type Origin = Partial<Visitor & Pick<HttpRequest, 'headers'>> & {
  readonly socket?: { readonly remoteAddress?: string };
};

/**
 * The one way to say who did something and from where: for `AuditService.record`, and as the `by` of `UserService`. Never throws: where the session's
 * store fails, nobody knows whose it is.
 */
export function auditOriginOf(from: Origin): AuditOrigin {
  const info = sessionOf(from);
  return {
    actorId: info?.userId ?? null,
    handle: info?.handle ?? null,
    ip: addressOf(from),
    userAgent: from.userAgent ?? from.headers?.['user-agent'] ?? null,
  };
}

/** Only a bare handshake is asked for its peer: behind a proxy that would be the proxy's address, and all its clients one. */
function addressOf(from: Origin): string | null {
  if (from.ip === undefined && from.socket) return clientAddress(from.socket.remoteAddress);
  return from.headers ? clientOf(from).ip : clientAddress(from.ip);
}

function sessionOf(from: Origin): SessionInfo | null {
  try {
    return describeSession(from.session);
  } catch {
    return null;
  }
}
