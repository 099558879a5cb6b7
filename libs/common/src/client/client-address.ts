import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Longer is no address, whatever it is. */
const MAX_LENGTH = 128;
/** As RFC 7239 has it: a number, or a name that hides one. */
const PORT = String.raw`(?::(?:\d{1,5}|_[\w.-]+))?`;
const BRACKETED = new RegExp(String.raw`^\[([^\]]*)\]${PORT}$`);
const IPV4_AND_PORT = new RegExp(String.raw`^(.*\d\.\d+)${PORT}$`);
/** Without brackets a port can be told from the address only behind all eight groups. */
const WHOLE_IPV6_AND_PORT = /^((?:[\da-f]{1,4}:){7}[\da-f]{1,4}):\d{1,5}$/i;

/**
 * One spelling for one client address (RFC 5952): what proxies write around it is taken off, which is quotes and blanks, brackets and ports, zones. An
 * IPv4-mapped IPv6 address is that IPv4 address. Null for what is no address, and for `0.0.0.0` and `::`, which are nobody's.
 */
export function clientAddress(text: string | undefined | null): string | null {
  return parse(text)?.toString() ?? null;
}

/**
 * What one client cannot easily change: an IPv4 address, or the /64 of an IPv6 address. An IPv6 address that stands for an IPv4 one (`::ffff:0:0/96`,
 * `64:ff9b::/96`) is that one.
 *
 * Null where the address cannot be told. Those are many clients, not one: nothing may be counted against all of them together.
 */
export function clientNetwork(ip: string | undefined | null): string | null {
  const address = parse(ip);
  if (address === null || address instanceof ipaddr.IPv4) return address?.toString() ?? null;
  if (address.range() === 'rfc6052') return new ipaddr.IPv4(address.toByteArray().slice(12)).toString();
  const prefix = address.parts.slice(0, 4).map((part) => part.toString(16));
  return `${prefix.join(':')}::/64`;
}

function parse(text: string | undefined | null): ipaddr.IPv4 | ipaddr.IPv6 | null {
  if (!text || text.length > MAX_LENGTH) return null;
  const bare = withoutWrapping(text);
  // `ipaddr.js` alone would take `1` and `0x7f.1` for addresses.
  if (isIP(bare) === 0 || !ipaddr.isValid(bare)) return null;
  const address = ipaddr.process(bare);
  return address.range() === 'unspecified' ? null : address;
}

function withoutWrapping(text: string): string {
  const unquoted = text
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .trim();
  const bare =
    BRACKETED.exec(unquoted)?.[1] ?? IPV4_AND_PORT.exec(unquoted)?.[1] ?? WHOLE_IPV6_AND_PORT.exec(unquoted)?.[1];
  return (bare ?? unquoted).trim().replace(/%.*$/, '');
}
