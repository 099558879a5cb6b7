import {
  ConfigurableModuleBuilder,
  Module,
  type DynamicModule,
  type MiddlewareConsumer,
  type NestModule,
  type OnModuleInit,
  type Provider,
} from '@nestjs/common';
import {
  Clock,
  fromForRoot,
  givenOptions,
  moduleCheck,
  presenceOf,
  Randomness,
  StoreMonitor,
  SystemClock,
  SystemRandomness,
} from 'nest-gatehouse/common';
import { CookieService } from './handlers/cookie.service.js';
import { lockBeforeHandler } from './platform/express.binding.js';
import { SessionDoctor } from './doctor/session-doctor.js';
import { DoctorBinding } from './platform/doctor.binding.js';
import { MessageBinding } from './platform/message.binding.js';
import { SessionBinding } from './platform/session.binding.js';
import { SocketDoor } from './platform/socket-door.js';
import { SessionEngine } from './engine/session-engine.js';
import { StoreSpans } from './engine/store-spans.js';
import { SessionEventRelay, SessionEvents } from './engine/session.events.js';
import { resolveSessionOptions, type SessionModuleOptions } from './session.options.js';
import { SessionService } from './service/session.service.js';
import { SessionSweeper } from './service/session.sweeper.js';
import { SESSION_OPTIONS } from './session.tokens.js';
import { SessionStorage } from './engine/session-storage.js';
import { checkStorageWasChosen, STORAGE_PROVIDER } from './session-storage.provider.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<SessionModuleOptions>()
  .setClassMethodName('forRoot')
  .build();

const PROVIDERS: Provider[] = [
  moduleCheck(() => SessionModule),
  ...fromForRoot('SessionModule', MODULE_OPTIONS_TOKEN),
  { provide: presenceOf('SessionModule'), useValue: true },
  {
    provide: SESSION_OPTIONS,
    inject: [MODULE_OPTIONS_TOKEN],
    useFactory: (given?: SessionModuleOptions) => resolveSessionOptions(givenOptions('SessionModule', given)),
  },
  { provide: Clock, useClass: SystemClock },
  { provide: Randomness, useClass: SystemRandomness },
  SessionEvents,
  StoreMonitor,
  StoreSpans,
  STORAGE_PROVIDER,
  SessionDoctor,
  SessionEngine,
  SessionService,
  SessionSweeper,
  SessionBinding,
  SocketDoor,
  MessageBinding,
  DoctorBinding,
  SessionEventRelay,
  CookieService,
];

/**
 * Server-side sessions for the whole application. Keeps them in the storage module that the application imports
 * (`MemoryStorageModule`, `SqliteStorageModule`, `MongooseStorageModule`, or any provider of `SessionStore` in a global
 * module); without one in memory, which is refused in production.
 */
@Module({
  providers: PROVIDERS,
  exports: [
    presenceOf('SessionModule'),
    SESSION_OPTIONS,
    Clock,
    Randomness,
    SessionEvents,
    SessionStorage,
    SessionDoctor,
    StoreMonitor,
    SessionEngine,
    SessionService,
    SessionSweeper,
    SocketDoor,
    CookieService,
  ],
})
export class SessionModule extends ConfigurableModuleClass implements NestModule, OnModuleInit {
  constructor(
    private readonly binding: SessionBinding,
    private readonly storage: SessionStorage,
  ) {
    super();
  }

  onModuleInit(): void {
    checkStorageWasChosen(this.storage);
  }

  /** Options are checked once, when the application is created. @throws OptionsError */
  static override forRoot(options: SessionModuleOptions = {}): DynamicModule {
    return { ...super.forRoot({ ...options }), global: true };
  }

  static override forRootAsync(options: Parameters<typeof ConfigurableModuleClass.forRootAsync>[0]): DynamicModule {
    return { ...super.forRootAsync(options), global: true };
  }

  configure(consumer: MiddlewareConsumer): void {
    if (this.binding.locksInMiddleware) consumer.apply(lockBeforeHandler).forRoutes('{*path}');
  }
}
