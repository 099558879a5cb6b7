import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { clientAddress, clientNetwork } from 'nest-gatehouse/common';

const port = fc.integer({ min: 0, max: 65_535 });
const byte = fc.integer({ min: 0, max: 255 });
const group = fc.integer({ min: 0, max: 0xffff });
/** Not 0.0.0.0/8, which is nobody's. */
const ipv4 = fc.tuple(fc.integer({ min: 1, max: 255 }), byte, byte, byte).map((bytes) => bytes.join('.'));
/** Of the addresses that are in use: 2000::/3. */
const ipv6 = fc.tuple(fc.integer({ min: 0x2000, max: 0x3fff }), ...Array.from({ length: 7 }, () => group));

const BLANKS = ['', ' ', '\t', '  '];
const wrapped = (text: string, blank: string, quoted: boolean) => {
  const inner = quoted ? `"${text}"` : text;
  return `${blank}${inner}${blank}`;
};

function spellingsOfIpv6(groups: readonly number[]): string[] {
  const short = groups.map((part) => part.toString(16));
  const long = groups.map((part) => part.toString(16).padStart(4, '0'));
  return [
    short.join(':'),
    long.join(':'),
    long.join(':').toUpperCase(),
    new URL(`http://[${short.join(':')}]`).hostname,
  ];
}

describe('clientAddress', () => {
  it('takes off what proxies write around an address', () => {
    const addresses: Record<string, string | null> = {
      '198.51.100.7': '198.51.100.7',
      '198.51.100.7:50001': '198.51.100.7',
      '"198.51.100.7:50001"': '198.51.100.7',
      '198.51.100.7:_port': '198.51.100.7',
      '[198.51.100.7]:443': '198.51.100.7',
      ' 198.51.100.7 ': '198.51.100.7',
      '::ffff:198.51.100.7': '198.51.100.7',
      '::ffff:198.51.100.7:50001': '198.51.100.7',
      '[::ffff:198.51.100.7]:50001': '198.51.100.7',
      '[2001:db8::1]:443': '2001:db8::1',
      '[2001:db8::1]': '2001:db8::1',
      '"[2001:db8::1]"': '2001:db8::1',
      '"[2001:DB8:0::1]:443"': '2001:db8::1',
      '2001:db8:0:0:0:0:0:1:443': '2001:db8::1',
      'fe80::1%eth0': 'fe80::1',
      '[fe80::1%eth0]:443': 'fe80::1',
    };
    for (const [text, address] of Object.entries(addresses))
      expect([text, clientAddress(text)]).toEqual([text, address]);
  });

  it('is null for what is no address', () => {
    const texts = [
      '',
      ' ',
      'unknown',
      '_hidden',
      '1',
      '0x7f.1',
      '127.1',
      '010.0.0.1',
      '1.2.3.4.5',
      '1.2.3',
      '1.2.3.4:',
      '[::1',
      '::1]',
    ];
    const others = [
      '1.2.3.4:http',
      '1.2.3.4, 5.6.7.8',
      '1.2.3.4/24',
      '::1/64',
      '0.0.0.0',
      '::',
      '[]',
      '""',
      ':',
      ':80',
      '/run/app.sock',
    ];
    for (const text of [...texts, ...others, '1'.repeat(100_000), undefined, null]) {
      expect([text, clientAddress(text), clientNetwork(text)]).toEqual([text, null, null]);
    }
  });
});

describe('clientNetwork', () => {
  it('is an IPv4 address or an IPv6 /64', () => {
    const networks: Record<string, string> = {
      '192.0.2.1': '192.0.2.1',
      '::ffff:192.0.2.1': '192.0.2.1',
      '::ffff:c000:201': '192.0.2.1',
      '64:ff9b::192.0.2.1': '192.0.2.1',
      '2001:db8::1': '2001:db8:0:0::/64',
      '2001:0DB8:0000:0000:ffff:ffff:ffff:ffff': '2001:db8:0:0::/64',
      '2001:db8:0:1::1': '2001:db8:0:1::/64',
      'fe80::1%eth0': 'fe80:0:0:0::/64',
    };
    for (const [ip, network] of Object.entries(networks)) expect([ip, clientNetwork(ip)]).toEqual([ip, network]);
  });

  it('is one network for all spellings of one address', () => {
    fc.assert(
      fc.property(ipv4, port, fc.constantFrom(...BLANKS), fc.boolean(), (ip, number, blank, quoted) => {
        const spellings = [ip, `${ip}:${number}`, `::ffff:${ip}`, `[::ffff:${ip}]:${number}`, `[${ip}]`];
        for (const text of spellings) {
          expect(clientNetwork(wrapped(text, blank, quoted))).toBe(ip);
          expect(clientAddress(wrapped(text, blank, quoted))).toBe(ip);
        }
      }),
    );
    fc.assert(
      fc.property(ipv6, port, fc.constantFrom(...BLANKS), fc.boolean(), (groups, number, blank, quoted) => {
        const plain = spellingsOfIpv6(groups);
        const bare = plain.map((text) => text.replace(/^\[|\]$/g, ''));
        const spellings = [...plain, ...bare, ...bare.map((text) => `[${text}%eth0]:${number}`)];
        const seen = spellings.map((text) => wrapped(text, blank, quoted));
        expect(new Set(seen.map(clientNetwork)).size).toBe(1);
        expect(clientNetwork(plain[0])).not.toBeNull();
        expect(new Set(seen.map(clientAddress)).size).toBe(1);
      }),
    );
  });

  it('never throws, and what it says is one address written one way', () => {
    const pieces = fc.constantFrom(
      '1',
      '255',
      '.',
      ':',
      '::',
      '[',
      ']',
      '"',
      '%',
      '/',
      'ffff',
      'eth0',
      '_',
      ' ',
      '64:ff9b',
      'x',
    );
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces, { maxLength: 20 }).map((parts) => parts.join('')),
      fc.ipV4(),
      fc.ipV6(),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const address = clientAddress(text);
        expect(address === null).toBe(clientNetwork(text) === null);
        if (address === null) return;
        expect(clientAddress(address)).toBe(address);
        expect(clientNetwork(address)).toBe(clientNetwork(text));
      }),
      { numRuns: 500 },
    );
  });
});
