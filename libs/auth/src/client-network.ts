import ipaddr from 'ipaddr.js';

/** What one client cannot easily change: an IPv4 address, or the /64 of an IPv6 address. An IPv4-mapped IPv6 address is that IPv4 address. */
export function clientNetwork(ip: string | undefined | null): string {
  if (!ip || !ipaddr.isValid(ip)) return 'unknown';
  const address = ipaddr.process(ip);
  if (address instanceof ipaddr.IPv4) return address.toString();
  const prefix = address.parts.slice(0, 4).map((part) => part.toString(16));
  return `${prefix.join(':')}::/64`;
}
