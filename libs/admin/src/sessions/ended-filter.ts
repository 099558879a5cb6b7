import ipaddr from 'ipaddr.js';
import type { AuditEntry } from 'nest-gatehouse/auth/storage';
import { deviceName } from 'nest-gatehouse/session/storage';
import type { SessionListQuery } from './session-query.js';

/** Whether the session of this `session.ended` meets the conditions that the trail has no index for. */
export function matchesEnded({ session }: AuditEntry, query: SessionListQuery): boolean {
  const { userPrefix, ip, device, namespace, createdAfter, createdBefore, lastSeenBefore } = query;
  // Sessions of programs are not in the trail.
  if (namespace !== undefined) return false;
  const conditions = [userPrefix, ip, device, createdAfter, createdBefore, lastSeenBefore];
  if (!session) return conditions.every((condition) => condition === undefined);
  return (
    (userPrefix === undefined || (session.username?.startsWith(userPrefix) ?? false)) &&
    (ip === undefined || isWithin(session.ip, ip)) &&
    (device === undefined || (deviceName(session.userAgent)?.toLowerCase().includes(device.toLowerCase()) ?? false)) &&
    (createdAfter === undefined || session.createdAt >= createdAfter) &&
    (createdBefore === undefined || session.createdAt < createdBefore) &&
    (lastSeenBefore === undefined || session.lastSeenAt < lastSeenBefore)
  );
}

/** @param network an address or CIDR */
function isWithin(ip: string | null, network: string): boolean {
  if (ip === null || !ipaddr.isValid(ip)) return false;
  const address = ipaddr.process(ip);
  if (ipaddr.isValid(network)) return address.toNormalizedString() === ipaddr.process(network).toNormalizedString();
  const [range, bits] = ipaddr.parseCIDR(network);
  return range.kind() === address.kind() && address.match(range, bits);
}
