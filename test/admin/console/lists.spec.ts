import { expect, it } from '@jest/globals';
import { SessionStorage } from 'nest-gatehouse/session';
import type { SessionRecord } from 'nest-gatehouse/session/storage';
import { sessionAt } from 'nest-gatehouse/testing';
import { PASSWORD } from '../../auth/support/auth-app.js';
import { MINUTE } from '../../support/apps/fake-clock.js';
import { onEveryPlatform, type StartAdminApp } from '../support/admin-app.js';
import { formsOf, handlesOf, linkOf, linksOf, textOf, visit } from '../support/console-pages.js';
import { sharingApps } from '../../support/apps/combinations.js';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0';

/** Sixty sessions, each a minute older than the one before and seen a second later: every third one is ann's. */
async function crowded(start: StartAdminApp) {
  const app = await start();
  const root = await app.signedIn('root', 'admin');
  const { user: ann } = await app.users.create({ username: 'ann', password: PASSWORD });
  const now = app.clock.now();
  const records = Array.from({ length: 60 }, (_, n): SessionRecord => {
    const createdAt = now - (n + 1) * MINUTE;
    const whose = n % 3 === 0 ? { userId: ann.id, username: 'ann', amr: ['pwd'] } : {};
    const ip = n < 10 ? `192.0.2.${n}` : `2001:db8::${n}`;
    const others = { ip, userAgent: n % 5 === 0 ? FIREFOX : null, createdAt, lastSeenAt: now - (60 - n) * 1_000 };
    return sessionAt(now, { ...whose, ...others });
  });
  const { store } = app.app.get(SessionStorage);
  for (const record of records) await store.insert(record);
  return { app, root, ann, now, records };
}

const handles = (records: readonly SessionRecord[]) => records.map(({ handle }) => handle);
/** As a browser's field for a time sends it. */
const iso = (time: number) => new Date(time).toISOString().slice(0, 19);

sharingApps(onEveryPlatform)('The console’s lists', (start) => {
  it('find the sessions that each condition describes', async () => {
    const { root, ann, now, records } = await crowded(start);
    const cases: readonly (readonly [string, (record: SessionRecord) => boolean])[] = [
      ['user=ann', ({ userId }) => userId === ann.id],
      ['userPrefix=AN', ({ userId }) => userId === ann.id],
      ['ip=192.0.2.0%2F29', ({ ip }) => /^192\.0\.2\.[0-7]$/.test(ip!)],
      ['ip=2001:db8::15', ({ ip }) => ip === '2001:db8::15'],
      ['device=firefox', ({ userAgent }) => userAgent === FIREFOX],
      [`createdAfter=${iso(now - 5.5 * MINUTE)}`, ({ createdAt }) => createdAt > now - 5.5 * MINUTE],
      [`createdBefore=${iso(now - 54.5 * MINUTE)}`, ({ createdAt }) => createdAt < now - 54.5 * MINUTE],
      [`lastSeenBefore=${iso(now - 50_000)}`, ({ lastSeenAt }) => lastSeenAt < now - 50_000],
      ['user=ann&device=Firefox', ({ userId, userAgent }) => userId === ann.id && userAgent === FIREFOX],
      ['state=anonymous&ip=192.0.2.0/24', ({ userId, ip }) => userId === null && ip!.startsWith('192.')],
      ['user=nobody', () => false],
    ];
    for (const [query, isFound] of cases) {
      const { status, text } = await visit(root, `/admin/sessions?${query}&limit=200`);
      const expected = handles(records.filter(isFound));
      const own = handlesOf(text).filter((handle) => handles(records).includes(handle));
      expect([query, status, own]).toEqual([query, 200, expected]);
      // The list of conditions reads what was asked for, each with a link that takes it away.
      for (const [name, value] of new URLSearchParams(query)) {
        const isWithout = (href: string) => !new URLSearchParams(href.split('?')[1]).has(name);
        const without = linksOf(text).find(({ label, href }) => label.startsWith('Without ') && isWithout(href));
        expect(without?.href).toMatch(/^\/admin\/sessions\?/);
        const shown = formsOf(text).find(({ action }) => action === '/admin/sessions')!;
        if (name !== 'state') expect([name, value]).toEqual([name, expect.stringContaining(shown.fields[name]!)]);
      }
    }
  });

  it('page through all of them in either order, and count them exactly', async () => {
    const { root, records } = await crowded(start);
    const found: string[] = [];
    let path: string | undefined = '/admin/sessions?ip=2001:db8::/32&sort=lastSeenAt&limit=20';
    for (; path !== undefined && found.length < 100;) {
      const { text } = await visit(root, path);
      found.push(...handlesOf(text));
      expect(text).toContain('aria-sort="ascending"');
      path = linksOf(text).find(({ label }) => label === 'Next page')?.href;
    }
    expect(found).toEqual(handles(records.slice(10)).sort(bySeen(records)));
    const first = await visit(root, '/admin/sessions?ip=2001:db8::/32&sort=lastSeenAt&limit=20');
    const counted = await visit(root, linkOf(first.text, 'Count all that match'));
    expect(textOf(counted.text)).toContain('50 match, counted');
    const down = linkOf(first.text, 'Last seen ↑');
    expect(handlesOf((await visit(root, down)).text)).toEqual(
      handles(records.slice(10)).sort(bySeen(records)).reverse().slice(0, 20),
    );
    const byCreation = await visit(root, linkOf(first.text, 'Created'));
    expect(handlesOf(byCreation.text)).toEqual(handles(records.slice(10, 30)));
  });

  it('say what is wrong with a condition, keep what was typed, and show no rows', async () => {
    const { root } = await crowded(start);
    for (const [path, field] of [
      ['/admin/sessions?ip=nowhere', 'ip'],
      ['/admin/sessions?createdAfter=yesterday', 'createdAfter'],
      ['/admin/sessions?sort=name', 'sort'],
      ['/admin/sessions?state=asleep', 'state'],
      ['/admin/sessions?limit=0', 'limit'],
      ['/admin/sessions?cursor=x', 'cursor'],
      ['/admin/users?limit=1000', 'limit'],
      ['/admin/users?cursor=x', 'cursor'],
      ['/admin/audit?type=gossip', 'type'],
      ['/admin/audit?ip=nowhere', 'ip'],
      ['/admin/audit?cursor=x', 'cursor'],
      [`/admin/sessions/end?ip=nowhere`, 'ip'],
    ] as const) {
      const { status, text } = await visit(root, path);
      expect([path, status, handlesOf(text)]).toEqual([path, 400, []]);
      expect(/role="alert">([^]*?)<\/div>/.exec(text)?.[1]).toMatch(/<li>/);
      expect(textOf(text)).toMatch(/Code (filter|cursor)_invalid/);
      const form = formsOf(text).find(({ method }) => method === 'get');
      if (form && field === 'ip') expect(form.fields['ip']).toBe('nowhere');
    }
  });

  it('say what to do where there is nothing', async () => {
    const { root } = await crowded(start);
    for (const [path, words] of [
      ['/admin/sessions?user=nobody', 'No session matches.'],
      ['/admin/users?prefix=zz', 'Nobody’s name begins like that.'],
      ['/admin/audit?type=user.deleted', 'Nothing of the kind is on record.'],
      ['/admin/doctor', 'Nothing found.'],
    ] as const)
      expect([path, textOf((await visit(root, path)).text)]).toEqual([path, expect.stringContaining(words)]);
  });

  it('show the trail by its conditions, and as lines', async () => {
    const { root, app } = await crowded(start);
    await app.signedIn('ann');
    const page = await visit(root, '/admin/audit?type=login.ok&user=ann');
    expect(page.text.match(/<th scope="row">/g)).toHaveLength(1);
    const lines = await root.get(linkOf(page.text, 'All of this as JSON lines'));
    expect(
      lines.text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as object),
    ).toEqual([expect.objectContaining({ type: 'login.ok', user: 'ann' })]);
    const without = linkOf(page.text, 'Without What login.ok');
    expect(without).toBe('/admin/audit?user=ann');
    expect((await visit(root, without)).text.match(/<th scope="row">/g)!.length).toBeGreaterThan(1);
  });
});

function bySeen(records: readonly SessionRecord[]) {
  const seen = new Map(records.map(({ handle, lastSeenAt }) => [handle, lastSeenAt]));
  return (one: string, other: string) => seen.get(one)! - seen.get(other)!;
}
