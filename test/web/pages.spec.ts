import { describe, expect, it } from '@jest/globals';
import { type PageFrame, Pages, pageTime, waitInWords } from 'nest-gatehouse/web';

const frame: PageFrame = {
  title: 'A <b>title</b>',
  appName: 'Shop & Co',
  nav: null,
  asset: (name) => `/own/${name}`,
};

function pagesWithHello(): Pages {
  const pages = new Pages();
  pages.addFolder('own', new URL('./fixtures/', import.meta.url));
  return pages;
}

describe('Pages', () => {
  it('put a template of another library into the layout, and print what it shows as text', () => {
    const html = pagesWithHello().render('own/hello', frame, { greeting: '<script>' });
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(html).toContain('<title>A &lt;b&gt;title&lt;/b&gt; · Shop &amp; Co</title>');
    expect(html).toContain('<h1>&lt;script&gt;</h1>');
    expect([...html.matchAll(/stylesheet" href="([^"]+)"/g)].map(([, url]) => url)).toEqual([
      '/own/design.css',
      '/own/own.css',
    ]);
    expect(html).not.toMatch(/<nav|<form|robots/);
  });

  it('have a way to the account, and out of it', () => {
    const nav = {
      links: [{ href: '/me', label: 'Me', isCurrent: true }],
      signOut: { action: '/out', csrfToken: 'token' },
    };
    const html = pagesWithHello().render('own/hello', { ...frame, nav, isPersonal: true }, { greeting: 'Hello' });
    expect(html).toContain('<a href="/me" aria-current="page">Me</a>');
    expect(html).toContain('<form method="post" action="/out"');
    expect(html).toContain('<input type="hidden" name="_csrf" value="token">');
    expect(html).toContain('<meta name="robots" content="noindex">');
  });

  it('know the templates of libraries that have added them alone', () => {
    expect(() => new Pages().render('own/hello', frame)).toThrow("There is no folder for the template 'own/hello'");
  });
});

describe('Times on pages', () => {
  const now = Date.UTC(2026, 10, 21, 2, 38);

  it.each([
    [0, 'just now'],
    [1_000, 'within a minute'],
    [-59_000, 'just now'],
    [-5 * 60_000, '5 minutes ago'],
    [3 * 3_600_000, 'in 3 hours'],
    [86_400_000, 'tomorrow'],
    [-2 * 86_400_000, '2 days ago'],
  ])('say how far away %d ms are', (difference, words) => {
    expect(pageTime(now + difference, now).relative).toBe(words);
  });

  it('have the exact moment in UTC', () => {
    expect(pageTime(now, now)).toMatchObject({ iso: '2026-11-21T02:38:00.000Z', exact: '21 Nov 2026, 02:38 UTC' });
  });

  it.each([
    [1, '1 second'],
    [59, '59 seconds'],
    [61, 'about 2 minutes'],
    [3_600, 'about 1 hour'],
    [86_400, 'about 24 hours'],
  ])('say how long %d seconds of waiting are', (seconds, words) => {
    expect(waitInWords(seconds)).toBe(words);
  });
});
