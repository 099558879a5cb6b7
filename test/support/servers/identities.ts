import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AuthModule, UserService } from 'nest-gatehouse/auth';
import { SessionModule } from 'nest-gatehouse/session';
import { SqliteStorageModule } from 'nest-gatehouse/sqlite';
import { ADMINISTRATOR, signInTo } from './administrator.js';
import { BrowserClient } from '../browser/browser-client.js';
import { ReferenceServer, type StartOptions } from './reference-server.js';

export const USER = { username: 'grace', password: 'nanoseconds of copper wire' } as const;
const NEWCOMERS = 4;

/** Whom the documented rights tell apart. */
export const IDENTITIES = ['stranger', 'user', 'newcomer', 'administrator'] as const;
export type Identity = (typeof IDENTITIES)[number];

export interface PeopledServer {
  readonly server: ReferenceServer;
  /** A browser in which this person has just signed in. There are four newcomers, and each can do so once. */
  as(identity: Identity, headers?: Record<string, string>): Promise<BrowserClient>;
  /** The same browser again, for as long as it has its session. */
  stillAs(identity: Identity): Promise<BrowserClient>;
}

/** The built server on SQLite with an administrator, a user, and newcomers whose password must be changed before anything else. */
export async function startWithPeople({ env, ...options }: StartOptions = {}): Promise<PeopledServer> {
  const server = await ReferenceServer.start({
    deadline: 60_000,
    inHost: true,
    ...options,
    env: {
      NODE_ENV: 'test',
      BCRYPT_COST: '4',
      MAX_SESSIONS_PER_USER: '0',
      GATEHOUSE_ADMIN_USER: ADMINISTRATOR.username,
      GATEHOUSE_ADMIN_PASSWORD: ADMINISTRATOR.password,
      ...env,
    },
  });
  const newcomers = await makePeople(join(server.directory, 'data/gatehouse.db'));
  const browsers = new Map<Identity, BrowserClient>();

  const as: PeopledServer['as'] = (identity, headers) => {
    if (identity === 'stranger') return Promise.resolve(new BrowserClient(server.url, headers));
    if (identity === 'administrator') return signInTo(server, headers);
    return signInTo(server, headers, identity === 'user' ? USER : newcomers.shift());
  };
  return {
    server,
    as,
    async stillAs(identity) {
      const before = browsers.get(identity);
      if (before && (identity === 'stranger' || before.cookies.has('sid'))) return before;
      const fresh = await as(identity);
      browsers.set(identity, fresh);
      return fresh;
    },
  };
}

/** As the command line would, in another process on the file. @returns the newcomers' credentials */
async function makePeople(file: string): Promise<{ username: string; password: string }[]> {
  class PeopleModule {}
  Module({
    imports: [
      SqliteStorageModule.forRoot({ file }),
      SessionModule.forRoot(),
      AuthModule.forRoot({ bcryptCost: 4, pages: false }),
    ],
  })(PeopleModule);
  const context = await NestFactory.createApplicationContext(PeopleModule, { logger: false });
  try {
    const users = context.get(UserService);
    await users.create(USER);
    const names = Array.from({ length: NEWCOMERS }, (_, n) => `newcomer-${n}`);
    const made = await Promise.all(names.map((username) => users.create({ username })));
    return made.map(({ oneTimePassword }, n) => ({ username: names[n]!, password: oneTimePassword! }));
  } finally {
    await context.close();
  }
}
