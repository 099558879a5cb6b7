import { ConfigurableModuleBuilder, Module, type DynamicModule, type NestModule, type Provider } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { fromForRoot, givenOptions, HandlerRoutes, moduleCheck, needs } from 'nest-gatehouse/common';
import { HitCounter } from './counting/hit-counter.js';
import { HitWriter } from './counting/hit-writer.js';
import { HIT_STORAGE_PROVIDER } from './hit-storage.provider.js';
import { resolveHitsOptions, type HitsModuleOptions } from './hits.options.js';
import { HITS_OPTIONS } from './hits.tokens.js';
import { HitsBinding } from './platform/hits.binding.js';
import { RegisteredRoutes } from './platform/registered-routes.js';
import { HitService } from './service/hit.service.js';
import { HitSweeper } from './service/hit.sweeper.js';
import { UniqueSessions } from './service/unique-sessions.js';
import { HitStorage } from './storage/hit-storage.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<HitsModuleOptions>()
  .setClassMethodName('forRoot')
  .build();

const PROVIDERS: Provider[] = [
  moduleCheck(() => HitsModule),
  ...fromForRoot('HitsModule', MODULE_OPTIONS_TOKEN),
  needs('HitsModule', 'SessionModule'),
  {
    provide: HITS_OPTIONS,
    inject: [MODULE_OPTIONS_TOKEN],
    useFactory: (given?: HitsModuleOptions) => resolveHitsOptions(givenOptions('HitsModule', given)),
  },
  HIT_STORAGE_PROVIDER,
  HandlerRoutes,
  HitCounter,
  HitService,
  HitSweeper,
  HitWriter,
  HitsBinding,
  RegisteredRoutes,
  UniqueSessions,
];

/**
 * Counts every request of the application, exactly. Needs `SessionModule`. Keeps counts in the storage module that the
 * application imports, else in memory, which is refused in production.
 */
@Module({ imports: [DiscoveryModule], providers: PROVIDERS, exports: [HitService, HitSweeper, HitStorage] })
export class HitsModule extends ConfigurableModuleClass implements NestModule {
  constructor(private readonly binding: HitsBinding) {
    super();
  }

  /** Options are checked once, when the application is created. @throws OptionsError */
  static override forRoot(options: HitsModuleOptions = {}): DynamicModule {
    return { ...super.forRoot({ ...options }), global: true };
  }

  static override forRootAsync(options: Parameters<typeof ConfigurableModuleClass.forRootAsync>[0]): DynamicModule {
    return { ...super.forRootAsync(options), global: true };
  }

  configure(): void {
    this.binding.bindStrictly();
  }
}
