import type { IncomingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { clientOf } from 'nest-gatehouse/common';

/** As a platform that trusts no proxy shows it. */
function direct(ip: string, headers: IncomingHttpHeaders = {}) {
  return clientOf({ ip, headers, socket: { remoteAddress: ip } } as Parameters<typeof clientOf>[0]);
}

describe('clientOf', () => {
  beforeAll(() => void Logger.overrideLogger(false));
  afterAll(() => void Logger.overrideLogger(true));

  it('is the peer, whatever a client from the Internet claims', () => {
    for (const headers of [{}, { 'x-forwarded-for': '203.0.113.9' }, { forwarded: 'for=203.0.113.9' }]) {
      expect(direct('198.51.100.7', headers)).toEqual({ ip: '198.51.100.7', network: '198.51.100.7' });
      expect(direct('2001:db8::1', headers)).toEqual({ ip: '2001:db8::1', network: '2001:db8:0:0::/64' });
    }
  });

  it('has no network where a peer nearby speaks for others and nobody trusts it', () => {
    const peers = ['127.0.0.1', '::1', '::ffff:127.0.0.1', '10.1.2.3', '172.17.0.1', '192.168.1.1', '100.64.0.1'];
    for (const peer of [...peers, '169.254.1.1', 'fd00::1', 'fe80::1%eth0']) {
      expect(direct(peer).network).not.toBeNull();
      for (const name of ['x-forwarded-for', 'x-real-ip', 'forwarded']) {
        expect([peer, name, direct(peer, { [name]: '203.0.113.9' }).network]).toEqual([peer, name, null]);
        expect(direct(peer, { [name]: '' })).toEqual(direct(peer));
      }
      expect(direct(peer, { 'x-forwarded-for': `${peer}, ${peer}` })).toEqual(direct(peer));
    }
  });

  it('is nobody known where there is no address', () => {
    const nobody = { ip: null, network: null };
    expect(clientOf({})).toEqual(nobody);
    expect(clientOf({ headers: {} })).toEqual(nobody);
    expect(direct('')).toEqual(nobody);
    expect(direct('unknown', { 'x-forwarded-for': 'unknown' })).toEqual(nobody);
  });
});
