import type { INestApplicationContext } from '@nestjs/common';
import { AuthStorage, canonicalUsername, type UserRecord } from 'nest-gatehouse/auth/storage';
import { type SessionInfo, SessionService } from 'nest-gatehouse/session';
import { SESSION_OPTIONS, type ResolvedSessionOptions } from 'nest-gatehouse/session/identity';

/** What a test does with the answer of a request. */
export interface TestAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A request of supertest, as far as it is needed here; its own types say more. */
export interface TestRequest extends PromiseLike<TestAnswer> {
  set(name: string, value: string): this;
  query(values: object): this;
  send(body?: string | object): this;
  expect(status: number): this;
}

/** An agent of supertest, which keeps cookies from request to request. */
export type TestAgent = Record<'get' | 'post' | 'put' | 'patch' | 'delete' | 'head', (path: string) => TestRequest>;

/** A client in whose name requests are made. */
export interface SignedInClient {
  readonly session: SessionInfo;
  /** For `app.inject({ headers })`, `request(…).set(headers)` and `fetch`: the cookie, or the header of the transport. */
  readonly headers: Readonly<Record<string, string>>;
  /** The value of `Cookie`, such as `sid=…`; empty where tokens travel by header alone. */
  readonly cookie: string;
  /** A supertest agent with this cookie. @throws Error if supertest is not installed, or tokens travel by header alone */
  agent<Agent = TestAgent>(): Promise<Agent>;
}

export interface SignInAsOptions {
  /** Values of the session. Default none. */
  readonly data?: Record<string, unknown>;
  /** How the user has proved who they are. Default `['pwd']`, just now. */
  readonly amr?: readonly string[];
}

/**
 * Signs a user in for a test: without a password, without its hash, and not counted by throttling.
 *
 * @param user the username of an account, an object with its `id`, such as what `UserService.create` returns as `user`, or
 * an object with the `id` of a user in an application without `AuthModule`
 * @throws Error if there is no such account
 */
export async function signInAs(
  app: INestApplicationContext,
  user: string | { readonly id: string },
  { data, amr = ['pwd'] }: SignInAsOptions = {},
): Promise<SignedInClient> {
  const account = await accountOf(app, user);
  const { id, canonicalUsername: username } = account;
  const sessions = app.get(SessionService, { strict: false });
  const { session, token } = await sessions.createForUser(id, { username, amr: [...amr], data });
  const { transport, header, cookie } = app.get<ResolvedSessionOptions>(SESSION_OPTIONS, { strict: false });
  const isByHeader = transport === 'header';
  const pair = isByHeader ? '' : `${cookie.name}=${token}`;
  return {
    session,
    headers: isByHeader ? { [header]: token } : { cookie: pair },
    cookie: pair,
    agent: <Agent>() => agentOf<Agent>(app, pair),
  };
}

type Account = Pick<UserRecord, 'id'> & Partial<UserRecord>;

async function accountOf(app: INestApplicationContext, user: string | { readonly id: string }): Promise<Account> {
  const storage = accountsOf(app);
  if (!storage) {
    if (typeof user === 'object') return { id: user.id };
    throw new Error('signInAs: without AuthModule give the id of the user, as { id }.');
  }
  const found = typeof user === 'string' ? await findByName(storage, user) : await storage.users.findById(user.id);
  if (found) return found;
  const name = typeof user === 'string' ? user : user.id;
  throw new Error(`signInAs: there is no account ${JSON.stringify(name)}; make one by UserService.create().`);
}

async function findByName({ users }: AuthStorage, username: string): Promise<UserRecord | null> {
  const canonical = canonicalUsername(username);
  return canonical === null ? null : users.findByCanonicalUsername(canonical);
}

function accountsOf(app: INestApplicationContext): AuthStorage | undefined {
  try {
    return app.get(AuthStorage, { strict: false });
  } catch {
    return undefined;
  }
}

interface Supertest {
  readonly default: {
    agent(server: unknown): { readonly jar: { setCookie(cookie: string, domain: string, path: string): unknown } };
  };
}

/** Not a literal: an application that has no supertest must be able to bundle its tests. */
const SUPERTEST: string = 'supertest';

async function agentOf<Agent>(app: INestApplicationContext, cookie: string): Promise<Agent> {
  if (cookie === '') throw new Error('signInAs: tokens travel by header; use `headers` instead of an agent.');
  const { default: supertest } = await import(SUPERTEST).then(
    (module: Supertest) => module,
    (cause: unknown) => {
      throw new Error('signInAs: supertest is not installed; use `headers`, or run npm install -D supertest.', {
        cause,
      });
    },
  );
  const server: unknown = (app as INestApplicationContext & { getHttpServer(): unknown }).getHttpServer();
  const agent = supertest.agent(server);
  // In its jar, not among its headers: so that it follows renewal and sign-out as a browser does.
  agent.jar.setCookie(cookie, '127.0.0.1', '/');
  return agent as Agent;
}
