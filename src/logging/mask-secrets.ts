// A session's token, whose handle may be told; an API key; the secret of a token alone.
const TOKEN = /([\w-]{22})(?:\.|%2e)[\w-]{43,}/gi;
const KEY = /gh_[\w-]*_[\w-]+/g;
const SECRET = /(?<![\w-])[\w-]{43}(?![\w-])/g;

/** The text, with a star in place of whatever has the shape of a secret of ours. */
export function maskSecrets(text: string): string {
  return text.replace(TOKEN, '$1.*').replace(KEY, 'gh_*').replace(SECRET, '*');
}
