import { clientAddress, clientOf } from 'nest-gatehouse/common';
import { describeSession, type SessionInfo } from 'nest-gatehouse/session';
import type { AuditNote } from './audit.service.js';
import type { HttpRequest, Visitor } from '../http/http-request.js';

/** Who did something and from where, for every entry; null where unknown. */
export type AuditOrigin = Required<Pick<AuditNote, 'actorId' | 'handle' | 'ip' | 'userAgent'>>;

/** A visitor, a request of the platform, or a socket's handshake, which passes no platform. */
type Origin = Partial<Visitor & Pick<HttpRequest, 'headers'>> & {
  readonly socket?: { readonly remoteAddress?: string };
};

/**
 * Who did something and from where: for `AuditService.record`, and as the `by` of `UserService`. Never throws: if the
 * session's store fails, the user is null.
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

/** The socket's peer is used for a bare handshake only: behind a proxy all clients would have the proxy's address. */
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
