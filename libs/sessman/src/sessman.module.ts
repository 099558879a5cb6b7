import type { Server } from 'node:http';
import {
  ConfigurableModuleBuilder,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type Provider,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { controllerAt, fromForRoot, givenOptions, moduleCheck, needs } from 'nest-gatehouse/common';
import { IdempotentCalls } from './idempotency/idempotent-calls.service.js';
import { ApiKeysModule, type ApiKeysModuleOptions } from './api-keys.module.js';
import { ApiKeyGuard } from './routes/api-key.guard.js';
import { RequestRates } from './routes/request-rates.js';
import { SessmanBinding } from './routes/sessman.binding.js';
import { SessmanController } from './routes/sessman.controller.js';
import { resolveSessmanOptions, type SessmanModuleOptions } from './sessman.options.js';
import { SESSMAN_OPTIONS, SESSMAN_PREFIX } from './sessman.tokens.js';
import { ProgramSessions } from './sessions/program-sessions.service.js';

/** The options that must be known when the module is imported. */
export interface SessmanModuleSetup extends ApiKeysModuleOptions {
  /** The path of the routes, without slashes around it. Default `'sessman'`. */
  prefix?: string;
}

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<SessmanModuleOptions>()
  .setClassMethodName('forRoot')
  .build();

type AsyncOptions = Parameters<typeof ConfigurableModuleClass.forRootAsync>[0];

const PREFIX = /^[\w-]+(?:\/[\w-]+)*$/;

const PROVIDERS: Provider[] = [
  moduleCheck(() => SessmanModule),
  ...fromForRoot('SessmanModule', MODULE_OPTIONS_TOKEN, SESSMAN_PREFIX),
  needs('SessmanModule', 'SessionModule'),
  {
    provide: SESSMAN_OPTIONS,
    inject: [MODULE_OPTIONS_TOKEN],
    useFactory: (given?: SessmanModuleOptions) => resolveSessmanOptions(givenOptions('SessmanModule', given)),
  },
  ApiKeyGuard,
  IdempotentCalls,
  ProgramSessions,
  RequestRates,
  SessmanBinding,
];

/**
 * Sessions for other programs, over REST and by API key. Needs `SessionModule`, and keeps their sessions in its store.
 * Keeps API keys in the storage module that the application imports, else in memory, which is refused in production.
 */
@Module({
  providers: PROVIDERS,
  exports: [ProgramSessions],
})
export class SessmanModule extends ConfigurableModuleClass implements OnApplicationBootstrap {
  constructor(
    private readonly binding: SessmanBinding,
    private readonly host: HttpAdapterHost,
  ) {
    super();
  }

  /** Options are checked once, when the application is created. @throws OptionsError, TypeError for the prefix */
  static override forRoot(options: SessmanModuleOptions & SessmanModuleSetup = {}): DynamicModule {
    const { prefix, imports, storeDeadline, ...rest } = options;
    return complete(super.forRoot(rest), { prefix, imports, storeDeadline });
  }

  static override forRootAsync(options: AsyncOptions & Omit<SessmanModuleSetup, 'imports'>): DynamicModule {
    const { prefix, storeDeadline, ...rest } = options;
    return complete(super.forRootAsync(rest), { prefix, storeDeadline });
  }

  onApplicationBootstrap(): void {
    const server = this.host.httpAdapter?.getHttpServer() as Server | undefined;
    if (server) this.binding.requireLoopback(server);
  }
}

function complete(module: DynamicModule, { prefix = 'sessman', ...keys }: SessmanModuleSetup): DynamicModule {
  if (!PREFIX.test(prefix)) {
    throw new TypeError("SessmanModule: prefix: expected a path such as 'sessman', of letters, digits, _ and -.");
  }
  return {
    ...module,
    imports: [...(module.imports ?? []), ApiKeysModule.forRoot(keys)],
    controllers: [controllerAt(SessmanController, prefix)],
    providers: [...(module.providers ?? []), { provide: SESSMAN_PREFIX, useValue: prefix }],
  };
}
