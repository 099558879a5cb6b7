import type { Server } from 'node:http';
import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { ResolvedAuthOptions } from '../auth.options.js';
import { AUTH_OPTIONS } from '../auth.tokens.js';
import { AuthStorage } from '../storage/auth-storage.js';

const HOW_TO =
  'Make the first administrator by `npx gatehouse user:create NAME --role admin`, in an environment that names the database of this ' +
  'application (STORAGE, SQLITE_FILE or MONGODB_URI, and PASSWORD_PEPPER if you use one: docs/first-user.md); or by UserService.create, ' +
  'where accounts are in memory or in a UserStore of your own.';

/** Tells how to make the first account, because there is no default one. */
@Injectable()
export class FirstAccount implements OnApplicationBootstrap {
  constructor(
    @Inject(AUTH_OPTIONS) private readonly options: ResolvedAuthOptions,
    private readonly storage: AuthStorage,
    private readonly host: HttpAdapterHost,
  ) {}

  /** Asks when the server listens: the application may make an account in a hook that runs after this one. */
  onApplicationBootstrap(): void {
    // A test begins without accounts.
    const wanted = this.options.firstAccountHint ?? process.env.NODE_ENV !== 'test';
    const server = this.host.httpAdapter?.getHttpServer() as Server | undefined;
    if (wanted) server?.once('listening', () => void this.#tellIfThereIsNone());
  }

  /** Never rejects: where the store cannot tell, there is nothing to say. */
  async #tellIfThereIsNone(): Promise<void> {
    try {
      const { items } = await this.storage.users.list({ limit: 1 });
      if (items.length === 0) new Logger('Gatehouse').warn(`There is no account yet. ${HOW_TO}`);
    } catch {
      // A store of the application may list nobody, and one that fails is reported by its next use.
    }
  }
}
