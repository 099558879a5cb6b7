import type { Answer, BrowserClient } from '../../support/browser/browser-client.js';
import { postForm } from '../../auth/support/auth-app.js';

const HTML = { accept: 'text/html' };
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

/** The pages without an object of their own. */
export const SECTIONS = ['', '/sessions', '/users', '/api-keys', '/hits', '/audit', '/policy', '/doctor'].map(
  (path) => `/admin${path}`,
);

export interface ShownForm {
  readonly method: string;
  readonly action: string;
  /** What the browser would send if nobody typed anything; checkboxes are not checked. */
  readonly fields: Record<string, string>;
}

/** Asks for a page as a browser would, without following a redirect. */
export function visit(client: BrowserClient, path: string): Promise<Answer> {
  return client.get(path, { headers: HTML });
}

/** Opens a page that asks for a confirmation, types these fields and sends its form. */
export async function confirm(
  client: BrowserClient,
  path: string,
  fields: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const page = await visit(client, path);
  const form = formsOf(page.text).find(({ action }) => action === path);
  if (!form) throw new Error(`${path} asks for nothing: ${page.status} ${textOf(page.text)}`);
  return postForm(client, form.action, { ...form.fields, ...fields }, HTML);
}

/** The token of the session's forms, for a form that no page shows. */
export async function tokenOf(client: BrowserClient): Promise<string> {
  const [token] = formsOf((await visit(client, '/account')).text).flatMap(({ fields }) => fields['_csrf'] ?? []);
  return token ?? '';
}

/** What somebody reads. */
export function textOf(html: string): string {
  return decoded(html.replace(/<head>[^]*<\/head>/, '').replace(/<[^>]*>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim();
}

export function titleOf(html: string): string {
  return textOf(/<h1[^>]*>([^]*?)<\/h1>/.exec(html)?.[1] ?? '');
}

/** Each link with what it says, or what it is called where it says nothing readable. */
export function linksOf(html: string): { readonly href: string; readonly label: string }[] {
  return [...html.matchAll(/<a\b([^>]*)>([^]*?)<\/a>/g)].map(([, attributes = '', content = '']) => ({
    href: attributeOf(attributes, 'href') ?? '',
    label: attributeOf(attributes, 'aria-label') ?? textOf(content),
  }));
}

/** Where the only link of this name leads. @throws Error if there is none, or another */
export function linkOf(html: string, label: string): string {
  const found = new Set(linksOf(html).flatMap((link) => (link.label === label ? link.href : [])));
  const [href] = found;
  if (href === undefined || found.size > 1) throw new Error(`${found.size} links are called ${label}: ${textOf(html)}`);
  return href;
}

export function formsOf(html: string): ShownForm[] {
  return [...html.matchAll(/<form\b([^>]*)>([^]*?)<\/form>/g)].map(([, attributes = '', content = '']) => ({
    method: attributeOf(attributes, 'method') ?? 'get',
    action: attributeOf(attributes, 'action') ?? '',
    fields: Object.fromEntries(
      [...content.matchAll(/<input\b([^>]*)>/g)].flatMap(([, input = '']) => {
        const name = attributeOf(input, 'name');
        return name === undefined || attributeOf(input, 'type') === 'checkbox'
          ? []
          : [[name, attributeOf(input, 'value') ?? ''] as const];
      }),
    ),
  }));
}

/** The handles of a table of sessions, in its order. */
export function handlesOf(html: string): string[] {
  return [...html.matchAll(/<th scope="row"><a href="[^"]*\/sessions\/([\w-]{22})"/g)].map(([, handle]) => handle!);
}

/** Every address that a page has its browser go to, send to or load. */
export function addressesOf(html: string): string[] {
  return [...html.matchAll(/ (?:href|src|action)="([^"]*)"/g)].map(([, address]) => decoded(address!));
}

function attributeOf(attributes: string, name: string): string | undefined {
  const found = new RegExp(`(?:^| )${name}="([^"]*)"`).exec(attributes)?.[1];
  return found === undefined ? undefined : decoded(found);
}

function decoded(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => ENTITIES[name]!);
}
