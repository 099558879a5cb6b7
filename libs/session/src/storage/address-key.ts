import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** The first and the last key of a network. */
export interface AddressRange {
  readonly first: string;
  readonly last: string;
}

const BITS_BEFORE_MAPPED = 96;
const SPELLING = '=';
const AFTER_SPELLING = '>';

/**
 * A key for each text, by which the addresses of any network are one range: `4` and eight hexadecimal digits, or `6` and
 * 32; behind them the text, if that is not the canonical form. An IPv4-mapped IPv6 address counts as the IPv4 address. A
 * text that is no address belongs to no network.
 */
export function addressKey(ip: string): string {
  if (isIP(ip) === 0) return `?${ip}`;
  const address = ipaddr.process(ip.replace(/%.*$/, ''));
  const key = keyOf(address.toByteArray());
  return address.toString() === ip ? key : `${key}${SPELLING}${ip}`;
}

/** @param network an address or CIDR, such as `192.0.2.0/24` or `2001:db8::/32`. @throws RangeError */
export function networkRange(network: string): AddressRange {
  const [address = '', length, ...more] = network.split('/');
  if (isIP(address) === 0 || address.includes('%') || more.length > 0) throw notNetwork();
  let bytes = ipaddr.parse(address).toByteArray();
  let bits = length === undefined ? 8 * bytes.length : prefixLength(length);
  if (bits > 8 * bytes.length) throw notNetwork();
  if (bits >= BITS_BEFORE_MAPPED && isMapped(bytes)) {
    bytes = bytes.slice(-4);
    bits -= BITS_BEFORE_MAPPED;
  }
  const fixed = (index: number) => (0xff00 >> Math.min(8, Math.max(0, bits - 8 * index))) & 0xff;
  return {
    first: keyOf(bytes.map((byte, index) => byte & fixed(index))),
    last: keyOf(bytes.map((byte, index) => byte | (0xff & ~fixed(index)))) + AFTER_SPELLING,
  };
}

function isMapped(bytes: readonly number[]): boolean {
  return bytes.length === 16 && bytes.every((byte, index) => index >= 12 || byte === (index < 10 ? 0 : 0xff));
}

function prefixLength(text: string): number {
  if (!/^\d{1,3}$/.test(text)) throw notNetwork();
  return Number(text);
}

function keyOf(bytes: readonly number[]): string {
  return (bytes.length === 4 ? '4' : '6') + Buffer.from(bytes).toString('hex');
}

function notNetwork(): RangeError {
  return new RangeError("network: expected an address or a CIDR, such as '192.0.2.0/24' or '2001:db8::/32'.");
}
