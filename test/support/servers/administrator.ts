import { BrowserClient } from '../browser/browser-client.js';
import { ReferenceServer, type StartOptions } from './reference-server.js';

export const ADMINISTRATOR = { username: 'ada', password: 'correct horse battery staple' } as const;

/** The built server, in memory and quick at hashing, with one administrator. In a host, unless somebody says otherwise. */
export function startWithAdministrator({ env, ...options }: StartOptions = {}): Promise<ReferenceServer> {
  return ReferenceServer.start({
    inHost: true,
    ...options,
    env: {
      NODE_ENV: 'test',
      STORAGE: 'memory',
      BCRYPT_COST: '4',
      GATEHOUSE_ADMIN_USER: ADMINISTRATOR.username,
      GATEHOUSE_ADMIN_PASSWORD: ADMINISTRATOR.password,
      ...env,
    },
  });
}

/** A browser in which the administrator, or somebody else, has just signed in. */
export async function signInTo(
  server: ReferenceServer,
  headers?: Record<string, string>,
  credentials: { readonly username: string; readonly password: string } = ADMINISTRATOR,
): Promise<BrowserClient> {
  const client = new BrowserClient(server.url, headers);
  const answer = await client.post('/auth/login', credentials);
  if (answer.status !== 200)
    throw new Error(`${credentials.username} could not sign in: ${answer.status} ${answer.text}`);
  return client;
}

/** Fills in the form that this page sends to `action`, hidden fields included. */
export function fieldsOf(html: string, action: string): Record<string, string> {
  const form = new RegExp(`<form[^>]*action="${action}"[^>]*>([^]*?)</form>`).exec(html)?.[1] ?? '';
  const hidden = [...form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)];
  return Object.fromEntries(hidden.map(([, name, value]) => [name!, value!]));
}
