import 'reflect-metadata';
import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AdminModule, SessionDetailsService, SessionLists } from 'nest-gatehouse/admin';
import { AuthModule, UserService } from 'nest-gatehouse/auth';
import { HitService, HitsModule } from 'nest-gatehouse/hits';
import { ApiKeys, ApiKeysModule } from 'nest-gatehouse/sessman';
import { SessionModule, SessionService } from 'nest-gatehouse/session';
import { ApiKeyOwnersModule } from '../accounts/api-key-owners.module.js';
import { authOptions } from '../config/auth-options.js';
import { hitsOptions } from '../config/hits-options.js';
import { sessionOptions } from '../config/session-options.js';
import type { Configuration } from '../config/settings.js';
import { storageModules } from '../storage/storage.module.js';
import { CommandRefused } from './failures.js';

export interface Services {
  readonly users: UserService;
  readonly sessions: SessionService;
  readonly keys: ApiKeys;
  readonly lists: SessionLists;
  readonly details: SessionDetailsService;
  readonly hits: HitService;
}

@Module({})
export class CommandLineModule {
  static forRoot(configuration: Configuration): DynamicModule {
    return {
      module: CommandLineModule,
      imports: [
        ...storageModules(configuration),
        SessionModule.forRoot(sessionOptions(configuration)),
        AuthModule.forRoot({ ...authOptions(configuration), pages: false }),
        AdminModule.forRoot({ metrics: false, storeDeadline: configuration.STORE_DEADLINE }),
        ApiKeysModule.forRoot({ storeDeadline: configuration.STORE_DEADLINE, imports: [ApiKeyOwnersModule] }),
        HitsModule.forRoot(hitsOptions(configuration)),
      ],
    };
  }
}

/**
 * Accounts, sessions, API keys and hits as the server sees them, without a server. @throws CommandRefused if they are in another
 * process's memory
 */
export async function withServices<T>(
  configuration: Configuration,
  work: (services: Services) => Promise<T>,
): Promise<T> {
  if (configuration.STORAGE === 'memory') {
    const detail =
      'With STORAGE=memory accounts, sessions, API keys and hits are in the memory of the server, where no other process can reach them.';
    throw new CommandRefused(409, 'storage_out_of_reach', detail);
  }
  const module = CommandLineModule.forRoot(configuration);
  const context = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
  try {
    return await work({
      users: context.get(UserService),
      sessions: context.get(SessionService),
      keys: context.get(ApiKeys),
      lists: context.get(SessionLists),
      details: context.get(SessionDetailsService),
      hits: context.get(HitService),
    });
  } finally {
    await context.close();
  }
}
