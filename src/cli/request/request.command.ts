import type { Command } from 'commander';
import { CommandRefused } from '../failures.js';
import { facts, table, tell } from '../output.js';
import type { CookieView, RequestOutcome } from './send-request.js';

interface RequestOptions {
  readonly request?: string;
  readonly data?: string;
  readonly header: readonly string[];
  readonly jar?: string;
}

const METHOD = /^[A-Za-z]{1,20}$/;
const HEADER = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*)$/;

/** For learning and testing: it needs no configuration, and works with any server. */
export function addRequestCommand(program: Command, isJson: boolean): void {
  const command = program
    .command('request URL')
    .description('send one request and show the answer with its cookies; --jar keeps them for the next request')
    .option('-X, --request <method>', 'default: GET, or POST with a body')
    .option('-d, --data <content>', 'the body: JSON, or a form such as name=value')
    .option('-H, --header <line>', 'such as "Accept: text/html"; may be repeated', collect, [])
    .option('--jar <file>', 'cookies are read from this file, and kept there')
    .action(async (text: string, { request: method, data, header, jar }: RequestOptions) => {
      const wrong = (what: string) => command.error(`error: ${what}`, { code: 'gatehouse.wrongUsage' });
      const url = readUrl(text) ?? wrong('URL must be an address such as http://localhost:3000/');
      if (method !== undefined && !METHOD.test(method)) wrong('--request must be a method such as POST');
      const headers = header.map((line) => {
        const [, name, value] = HEADER.exec(line) ?? wrong('--header must be NAME: VALUE');
        return [name!, value!] as const;
      });
      const { sendRequest } = await import('./send-request.js');
      const outcome = await sendRequest({ url, method, body: data, headers, jar }).catch((error: unknown) => {
        throw error instanceof CommandRefused ? error : notReached(url, error);
      });
      tell({ json: outcome, text: describe(outcome) }, isJson);
    });
}

function collect(value: string, values: readonly string[]): string[] {
  return [...values, value];
}

export function readUrl(text: string): URL | null {
  const address = /^https?:\/\//i.test(text) ? text : `http://${text}`;
  return URL.canParse(address) ? new URL(address) : null;
}

export function notReached({ origin }: URL, error: unknown): CommandRefused {
  const cause = (error as { cause?: { code?: string } }).cause?.code ?? (error as Error).name;
  return new CommandRefused(502, 'no_answer', `${origin} does not answer (${cause}); start it, or correct the URL.`);
}

function describe({ status, headers, cookies, body }: RequestOutcome): string {
  const parts = [`Status  ${status}`];
  if (Object.keys(headers).length > 0) parts.push(facts(headers));
  parts.push(table(['COOKIE', 'VALUE', 'EXPIRES', 'FLAGS'], cookies.map(row), 'The answer sets no cookie.'));
  if (body !== '') parts.push(body);
  return parts.join('\n\n');
}

function row({ name, value, expires, maxAge, path, domain, httpOnly, secure, sameSite }: CookieView): string[] {
  const flags = [
    httpOnly && 'HttpOnly',
    secure && 'Secure',
    sameSite && `SameSite=${sameSite}`,
    path && `Path=${path}`,
    domain && `Domain=${domain}`,
  ];
  const end = maxAge === 0 ? 'now (removed)' : (expires ?? (maxAge === null ? 'with the browser' : `in ${maxAge} s`));
  return [name, value, end, flags.filter(Boolean).join('; ')];
}
