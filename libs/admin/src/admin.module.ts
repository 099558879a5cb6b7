import {
  ConfigurableModuleBuilder,
  Module,
  type DynamicModule,
  type ModuleMetadata,
  type Provider,
  type Type,
} from '@nestjs/common';
import { controllerAt, fromForRoot, givenOptions, moduleCheck, needs } from 'nest-gatehouse/common';
import { WebModule } from 'nest-gatehouse/web';
import { resolveAdminOptions, type AdminModuleOptions } from './admin.options.js';
import { ADMIN_OPTIONS } from './admin.tokens.js';
import { ADMIN_STORAGE_PROVIDER } from './admin-storage.provider.js';
import { AccountExport } from './accounts/account-export.service.js';
import { AccountNames } from './terms/account-names.js';
import { AccountsService } from './accounts/accounts.service.js';
import { ApiKeyAudit } from './audit/api-key-audit.js';
import { AuditSearch } from './audit/audit-search.service.js';
import { consoleControllers, consoleProviders } from './console/console-parts.js';
import { DoctorController } from './doctor/doctor.controller.js';
import { Activity } from './figures/activity.js';
import { LiveSessions } from './figures/live-sessions.js';
import { JobSweeper } from './ending/job.sweeper.js';
import { SessionEnding } from './ending/session-ending.service.js';
import { LiveStreams } from './live/live-streams.js';
import { Stats } from './live/stats.js';
import { StatsController } from './live/stats.controller.js';
import { MetricsAccess } from './metrics/metrics-access.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { MetricsGuard } from './metrics/metrics.guard.js';
import { Metrics } from './metrics/metrics.js';
import { OptionsPolicy } from './policy/options-policy.js';
import { ApiKeysController } from './routes/api-keys.controller.js';
import { AuditController } from './routes/audit.controller.js';
import { EndingController } from './routes/ending.controller.js';
import { HitsController } from './routes/hits.controller.js';
import { PolicyController } from './routes/policy.controller.js';
import { SessionsController } from './routes/sessions.controller.js';
import { UsersController } from './routes/users.controller.js';
import { SessionChanges } from './sessions/session-changes.service.js';
import { SessionDetailsService } from './sessions/session-details.service.js';
import { SessionLists } from './sessions/session-list.service.js';
import { AdminStorage } from './storage/admin-storage.js';
import { MetricsServer } from './metrics/metrics-server.js';

/** The options that must be known when the module is imported. */
export interface AdminModuleSetup {
  /** The path below which the routes and pages are, without slashes around it. Default `'admin'`. */
  prefix?: string;
  /** Whether `/metrics` is there, at the root of the server. Default true. */
  metrics?: boolean;
  /** Whether there are pages, the console, beside the REST routes. Default true. */
  console?: boolean;
  /**
   * Modules that export a `PersonalData`, `PolicySource` or `AdminJobs` of the application. Default none.
   */
  imports?: ModuleMetadata['imports'];
}

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<AdminModuleOptions>()
  .setClassMethodName('forRoot')
  .build();

type AsyncOptions = Parameters<typeof ConfigurableModuleClass.forRootAsync>[0];

/** Each at its own path below the prefix. */
const CONTROLLERS: readonly (readonly [controller: Type<object>, ...path: string[]])[] = [
  [StatsController, 'api'],
  [DoctorController, 'api', 'doctor'],
  // Before the sessions, whose handles it would be taken for.
  [EndingController, 'api'],
  [SessionsController, 'api', 'sessions'],
  [UsersController, 'api', 'users'],
  [ApiKeysController, 'api', 'api-keys'],
  [AuditController, 'api'],
  [PolicyController, 'api', 'policy'],
  [HitsController, 'api', 'hits'],
];

const PROVIDERS: Provider[] = [
  moduleCheck(() => AdminModule),
  ...fromForRoot('AdminModule', MODULE_OPTIONS_TOKEN),
  needs('AdminModule', 'SessionModule', 'AuthModule'),
  {
    provide: ADMIN_OPTIONS,
    inject: [MODULE_OPTIONS_TOKEN],
    useFactory: (given?: AdminModuleOptions) => resolveAdminOptions(givenOptions('AdminModule', given)),
  },
  ADMIN_STORAGE_PROVIDER,
  AccountExport,
  AccountNames,
  AccountsService,
  Activity,
  ApiKeyAudit,
  AuditSearch,
  JobSweeper,
  LiveSessions,
  LiveStreams,
  OptionsPolicy,
  SessionChanges,
  SessionDetailsService,
  SessionEnding,
  SessionLists,
  Stats,
];

/** Left out where an application wants none. */
const METRICS_PROVIDERS: Provider[] = [Metrics, MetricsAccess, MetricsGuard, MetricsServer];

/** The administrator's routes, for users with the role `admin`. Needs `SessionModule` and `AuthModule`. */
@Module({
  providers: PROVIDERS,
  exports: [AdminStorage, AccountsService, AuditSearch, JobSweeper, LiveStreams, SessionDetailsService, SessionLists],
})
export class AdminModule extends ConfigurableModuleClass {
  /** Options are checked once, when the application is created. @throws OptionsError */
  static override forRoot(options: AdminModuleOptions & AdminModuleSetup = {}): DynamicModule {
    const { prefix, metrics, console, imports, ...rest } = options;
    return complete(super.forRoot(rest), { prefix, metrics, console, imports });
  }

  static override forRootAsync(options: AsyncOptions & Omit<AdminModuleSetup, 'imports'>): DynamicModule {
    const { prefix, metrics, console, ...rest } = options;
    return complete(super.forRootAsync(rest), { prefix, metrics, console });
  }
}

function complete(
  module: DynamicModule,
  { prefix = 'admin', metrics = true, console = true, imports = [] }: AdminModuleSetup,
): DynamicModule {
  const routes = CONTROLLERS.map(([controller, ...path]) => controllerAt(controller, prefix, ...path));
  return {
    ...module,
    imports: [...(module.imports ?? []), ...(console ? [WebModule] : []), ...imports],
    controllers: [...routes, ...(metrics ? [MetricsController] : []), ...(console ? consoleControllers(prefix) : [])],
    providers: [
      ...(module.providers ?? []),
      ...(metrics ? METRICS_PROVIDERS : []),
      ...(console ? consoleProviders(prefix) : []),
    ],
  };
}
