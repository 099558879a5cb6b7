import { ConfigurableModuleBuilder, Module, type DynamicModule, type Provider, type Type } from '@nestjs/common';
import { controllerAt } from 'nest-gatehouse/common';
import { resolveAdminOptions, type AdminModuleOptions } from './admin.options.js';
import { ADMIN_OPTIONS } from './admin.tokens.js';
import { DoctorController } from './doctor/doctor.controller.js';
import { Activity } from './figures/activity.js';
import { LiveSessions } from './figures/live-sessions.js';
import { LiveStreams } from './live/live-streams.js';
import { Stats } from './live/stats.js';
import { StatsController } from './live/stats.controller.js';
import { MetricsAccess } from './metrics/metrics-access.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { MetricsGuard } from './metrics/metrics.guard.js';
import { Metrics } from './metrics/metrics.js';
import { MetricsServer } from './metrics/metrics-server.js';

/** The options that must be known when the module is imported. */
export interface AdminModuleSetup {
  /** The path below which the routes and pages are, without slashes around it. Default `'admin'`. */
  prefix?: string;
  /** Whether `/metrics` is there, at the root of the server. Default true. */
  metrics?: boolean;
}

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<AdminModuleOptions>()
  .setClassMethodName('forRoot')
  .build();

type AsyncOptions = Parameters<typeof ConfigurableModuleClass.forRootAsync>[0];

/** Each at its own path below the prefix. */
const CONTROLLERS: readonly (readonly [controller: Type<object>, ...path: string[]])[] = [
  [StatsController, 'api'],
  [DoctorController, 'api', 'doctor'],
];

const PROVIDERS: Provider[] = [
  { provide: ADMIN_OPTIONS, inject: [MODULE_OPTIONS_TOKEN], useFactory: resolveAdminOptions },
  Activity,
  LiveSessions,
  LiveStreams,
  Stats,
];

/** Left out where an application wants none. */
const METRICS_PROVIDERS: Provider[] = [Metrics, MetricsAccess, MetricsGuard, MetricsServer];

/** The administrator's routes, for users with the role `admin`. Needs `SessionModule` and `AuthModule`. */
@Module({ providers: PROVIDERS, exports: [LiveStreams] })
export class AdminModule extends ConfigurableModuleClass {
  /** Options are checked once, when the application is created. @throws OptionsError */
  static override forRoot(options: AdminModuleOptions & AdminModuleSetup = {}): DynamicModule {
    const { prefix, metrics, ...rest } = options;
    return complete(super.forRoot(rest), { prefix, metrics });
  }

  static override forRootAsync(options: AsyncOptions & AdminModuleSetup): DynamicModule {
    const { prefix, metrics, ...rest } = options;
    return complete(super.forRootAsync(rest), { prefix, metrics });
  }
}

function complete(module: DynamicModule, { prefix = 'admin', metrics = true }: AdminModuleSetup): DynamicModule {
  const controllers = CONTROLLERS.map(([controller, ...path]) => controllerAt(controller, prefix, ...path));
  return {
    ...module,
    controllers: metrics ? [...controllers, MetricsController] : controllers,
    providers: metrics ? [...(module.providers ?? []), ...METRICS_PROVIDERS] : module.providers,
  };
}
