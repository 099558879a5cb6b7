const NAMES =
  'ada alan barbara charles claude dennis donald dorothy edsger frances grace guido hedy hedwig john joan katherine ken konrad leslie linus margaret maurice niklaus radia sophie stephen tim tony vint';

export const USERNAMES = NAMES.split(' ');

export const USER_AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
];

export const ROUTES = [
  ['GET', '/', 40],
  ['GET', '/api/session', 25],
  ['POST', '/api/code', 8],
  ['GET', '/login', 9],
  ['POST', '/auth/login', 6],
  ['GET', '/account', 4],
  ['GET', '(unmatched)', 8],
] as const;

export const AGENTS = [
  ['Chrome', false, 45],
  ['Safari', false, 20],
  ['Firefox', false, 15],
  ['Googlebot', true, 12],
  ['bingbot', true, 8],
] as const;

/** From 0 to below `end`. */
export function upTo(end: number): number {
  return Math.floor(Math.random() * end);
}

export function oneOf<T>(list: readonly T[]): T {
  return list[upTo(list.length)]!;
}

/** From the ranges for documentation (RFC 5737, RFC 3849). */
export function anAddress(): string {
  return oneOf([
    `192.0.2.${1 + upTo(250)}`,
    `198.51.100.${1 + upTo(250)}`,
    `2001:db8::${(1 + upTo(4_000)).toString(16)}`,
  ]);
}
