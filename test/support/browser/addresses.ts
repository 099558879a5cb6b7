import type { Answer } from './browser-client.js';

/** A form of a page, as far as it says where it goes. */
export interface PageForm {
  readonly action: string;
  /** The hidden fields. */
  readonly fields: Record<string, string>;
}

const LINKS = ['href', 'src', 'srcset', 'ping', 'poster', 'renew', 'ended', 'sign-out', 'data-description'];

/** Every address that the page or its headers make a browser load, but for those of forms. */
export function linksOf({ text, headers }: Answer): string[] {
  const refresh = headers.get('refresh')?.replace(/^\d+; url=/, '');
  const links = [...text.matchAll(new RegExp(` (?:${LINKS.join('|')})="([^"]*)"`, 'g'))].map(([, link]) => link!);
  const headed = [headers.get('location'), refresh].filter((link) => link !== null && link !== undefined);
  return [...links.map(unescape), ...headed].filter((link) => !/^(#|data:)/.test(link));
}

export function formsOf({ text }: Answer): PageForm[] {
  return [...text.matchAll(/<form\b[^>]*action="([^"]*)"[^>]*>([^]*?)<\/form>/g)].map(([, action, content]) => {
    const hidden = [...content!.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)];
    return { action: action!, fields: Object.fromEntries(hidden.map(([, name, value]) => [name!, unescape(value!)])) };
  });
}

function unescape(text: string): string {
  return text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
