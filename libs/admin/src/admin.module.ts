import { ConfigurableModuleBuilder, Module, type DynamicModule, type Provider, type Type } from '@nestjs/common';
import { controllerAt } from 'nest-gatehouse/common';
import { resolveAdminOptions, type AdminModuleOptions } from './admin.options.js';
import { ADMIN_OPTIONS } from './admin.tokens.js';

/** The options that must be known when the module is imported. */
export interface AdminModuleSetup {
  /** The path below which the routes and pages are, without slashes around it. Default `'admin'`. */
  prefix?: string;
}

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<AdminModuleOptions>()
  .setClassMethodName('forRoot')
  .build();

type AsyncOptions = Parameters<typeof ConfigurableModuleClass.forRootAsync>[0];

/** Each at its own path below the prefix. */
const CONTROLLERS: readonly (readonly [controller: Type<object>, ...path: string[]])[] = [];

const PROVIDERS: Provider[] = [
  { provide: ADMIN_OPTIONS, inject: [MODULE_OPTIONS_TOKEN], useFactory: resolveAdminOptions },
];

/** The administrator's routes, for users with the role `admin`. Needs `SessionModule` and `AuthModule`. */
@Module({ providers: PROVIDERS })
export class AdminModule extends ConfigurableModuleClass {
  /** Options are checked once, when the application is created. @throws OptionsError */
  static override forRoot(options: AdminModuleOptions & AdminModuleSetup = {}): DynamicModule {
    const { prefix, ...rest } = options;
    return complete(super.forRoot(rest), { prefix });
  }

  static override forRootAsync(options: AsyncOptions & AdminModuleSetup): DynamicModule {
    const { prefix, ...rest } = options;
    return complete(super.forRootAsync(rest), { prefix });
  }
}

function complete(module: DynamicModule, { prefix = 'admin' }: AdminModuleSetup): DynamicModule {
  return {
    ...module,
    controllers: CONTROLLERS.map(([controller, ...path]) => controllerAt(controller, prefix, ...path)),
  };
}
