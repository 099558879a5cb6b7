import { expect, it } from '@jest/globals';
import { AuditService } from 'nest-gatehouse/auth';
import type { AuditEntry } from 'nest-gatehouse/auth/storage';
import { until } from '../support/latch.js';
import { AuditLines } from './support/audit-lines.js';
import { trailOf } from './support/audit-trail.js';
import { LOGIN, onEveryPlatform, PASSWORD } from './support/auth-app.js';
import { rawRequest } from './support/raw-request.js';
import { sharingApps } from '../support/apps/combinations.js';

const TYPED = 'hunter2-typed-into-the-wrong-field';
/** All that Node lets through in a header: ANSI's one-byte introducer and other controls of C1, a soft hyphen, and quotes. */
const HEADER_BYTES = 'evil\u0085\u009b31m\u00ad"\\" type="login.ok';
/** What an application might hand on. */
const ANY_BYTES = 'a\r\nb\u0000\u001b[31m\u007f\u2028\u202e\u200b\u{e0001}\ud800z';
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

function textsOf(entry: object): string[] {
  return Object.values(entry).filter((value): value is string => typeof value === 'string');
}

sharingApps(onEveryPlatform)('The lines of the audit trail', (start) => {
  it('are one for each entry, in Nest’s own logger too, with everything but the typed username', async () => {
    const app = await start();
    const lines = new AuditLines(app.app);
    await app.users.create({ username: 'alice', password: PASSWORD, roles: ['admin', 'editor'] });
    const client = await app.signedIn();
    await client.post('/auth/logout');
    await app.browser({ 'user-agent': 'Mozilla/5.0 (X11) "x"' }).post(LOGIN, { username: TYPED, password: TYPED });
    const entries = await trailOf(app);
    const printed = lines.printed();
    lines.stop();
    expect(printed).toHaveLength(entries.length);
    for (const [n, line] of printed.entries()) {
      expect(line).toMatch(/^[^\n]*\n$/);
      expect(line).toContain(`[Audit] ${entries[n]!.type} at=2040-01-01T00:00:00.000Z id=${entries[n]!.id}`);
    }
    expect(printed.at(-1)).toMatch(
      /\[Audit\] login\.failed at=\S+ id=\w+ ip=127\.0\.0\.1 userAgent="Mozilla\/5\.0 \(X11\) \\"x\\"" detail=unknown_user/,
    );
    expect(printed[0]).toContain('detail="admin editor"');
    expect(entries.at(-1)).toMatchObject({ username: TYPED });
    expect(printed.join('') + JSON.stringify(lines.fields())).not.toContain('hunter2');
    expect(lines.fields().at(-1)).toEqual({
      type: 'login.failed',
      at: '2040-01-01T00:00:00.000Z',
      id: entries.at(-1)!.id,
      ip: '127.0.0.1',
      userAgent: 'Mozilla/5.0 (X11) "x"',
      detail: 'unknown_user',
    });
  });

  it('hold no invisible byte that a client has sent, and nothing outside its quotes', async () => {
    const app = await start();
    const lines = new AuditLines(app.app);
    const headers = { 'user-agent': HEADER_BYTES, origin: 'https://evil.example\u009b2J, site none' };
    // Without a body, beside which Node would write the head in UTF-8.
    expect((await rawRequest(app.url + LOGIN, { headers })).status).toBe(403);
    // No answer at the door waits for the trail.
    await until('it is on record', () => app.audit.length > 0);
    const [entry] = await trailOf(app);
    expect(entry).toMatchObject({
      type: 'cross_site.refused',
      userAgent: 'evil\\u0085\\u009b31m\\u00ad"\\" type="login.ok',
      detail: 'origin https://evil.example?2J??site?none',
    });
    await app.app.get(AuditService).record('access.denied', {
      ip: ANY_BYTES,
      userAgent: ANY_BYTES.repeat(100),
      detail: ANY_BYTES,
    } satisfies Partial<AuditEntry>);
    const printed = lines.printed();
    lines.stop();
    expect(printed[0]).toContain('userAgent="evil\\\\u0085\\\\u009b31m\\\\u00ad\\"\\\\\\" type=\\"login.ok"');
    for (const text of [...printed.map((line) => line.slice(0, -1)), ...lines.fields().flatMap(textsOf)])
      expect(text).not.toMatch(INVISIBLE);
    for (const stored of await trailOf(app)) expect(textsOf(stored).join('')).not.toMatch(INVISIBLE);
    expect((await trailOf(app)).at(-1)!.detail).toBe(
      'a\\u000d\\u000ab\\u0000\\u001b[31m\\u007f\\u2028\\u202e\\u200b\\u{e0001}\\ud800z',
    );
  });
});
