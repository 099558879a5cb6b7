import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** No longer text can be an address. */
const MAX_LENGTH = 128;
/** The port of RFC 7239: a number, or an obfuscated name. */
const PORT = String.raw`(?::(?:\d{1,5}|_[\w.-]+))?`;
const BRACKETED = new RegExp(String.raw`^\[([^\]]*)\]${PORT}$`);
const IPV4_AND_PORT = new RegExp(String.raw`^(.*\d\.\d+)${PORT}$`);
/** Without brackets a port is unambiguous only behind all eight groups. */
const WHOLE_IPV6_AND_PORT = /^((?:[\da-f]{1,4}:){7}[\da-f]{1,4}):\d{1,5}$/i;

/**
 * The canonical form of a client address (RFC 5952), without what proxies write around it: quotes, blanks, brackets,
 * ports and zones. An IPv4-mapped IPv6 address becomes the IPv4 address. Null if it is no address, and for the
 * unspecified `0.0.0.0` and `::`.
 */
export function clientAddress(text: string | undefined | null): string | null {
  return parse(text)?.toString() ?? null;
}

/**
 * The part of an address that one client cannot easily change: an IPv4 address, or the /64 of an IPv6 address. An IPv6
 * address that represents an IPv4 one (`::ffff:0:0/96`, `64:ff9b::/96`) counts as that one.
 *
 * Null if the address is unknown. That may be many clients, so nothing may be counted for all of them together.
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
  // `ipaddr.js` alone would accept `1` and `0x7f.1` as addresses.
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
