// A session's token, whose handle may be shown; an API key; the secret of a token without its handle.
const TOKEN = /([\w-]{22})(?:\.|%2e)[\w-]{43,}/gi;
const KEY = /gh_[\w-]*_[\w-]+/g;
const SECRET = /(?<![\w-])[\w-]{43}(?![\w-])/g;

/** The text, with everything that looks like one of our secrets replaced by a star. */
export function maskSecrets(text: string): string {
  return text.replace(TOKEN, '$1.*').replace(KEY, 'gh_*').replace(SECRET, '*');
}
