import { controllerAt, fromForRoot, givenOptions, moduleCheck, needs, presenceOf } from 'nest-gatehouse/common';
import {
  ConfigurableModuleBuilder,
  Module,
  type DynamicModule,
  type ModuleMetadata,
  type Provider,
} from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { WebModule } from 'nest-gatehouse/web';
import { AccountDeletion } from './users/account-deletion.js';
import { Administrators } from './users/administrators.js';
import { AuditService } from './audit/audit.service.js';
import { AuditSweeper } from './audit/audit.sweeper.js';
import { AuthController } from './routes/auth.controller.js';
import { PasswordController } from './routes/password.controller.js';
import { AuthEventRelay, AuthEvents } from './audit/auth.events.js';
import { AuthGuard } from './access/auth.guard.js';
import { resolveAuthOptions, type AuthModuleOptions, type AuthPaths } from './auth.options.js';
import { AuthService } from './sign-in/auth.service.js';
import { AuthStorage } from './storage/auth-storage.js';
import { AUTH_STORAGE_PROVIDER } from './auth-storage.provider.js';
import { AUTH_EXTRAS, AUTH_OPTIONS, PASSWORD_BLOCKLIST, type AuthModuleExtras } from './auth.tokens.js';
import { CredentialsVerifier } from './sign-in/credentials.verifier.js';
import { CrossSiteBinding } from './cross-site/cross-site.binding.js';
import { CrossSiteGuard } from './cross-site/cross-site.guard.js';
import { CrossSitePolicy } from './cross-site/cross-site.policy.js';
import { FirstAccount } from './users/first-account.js';
import { ForeignHashes } from './passwords/foreign-hashes.js';
import { EndSessionsGuard } from './access/end-sessions.guard.js';
import { FormAnswers } from './pages/form-answers.js';
import { GuardOrder } from './guard-order.js';
import { HashQueue } from './passwords/hash-queue.js';
import { HttpAnswers } from './http/http-answers.js';
import { RoutePaths } from './http/route-paths.js';
import { LoginThrottle } from './throttling/login-throttle.js';
import { MicroserviceHandlers } from './access/microservice-handlers.js';
import { MySessionsController } from './routes/my-sessions.controller.js';
import { MySessionsService } from './account/my-sessions.service.js';
import { OneTimePasswords } from './passwords/one-time-password.js';
import { CommonPasswords, PasswordBlocklist } from './passwords/password-blocklist.js';
import { NavLinks } from './pages/nav-links.js';
import { PageAnswers } from './pages/page-answers.js';
import { PersonalPages } from './pages/personal-pages.js';
import { AuthAssets } from './pages/auth-assets.js';
import { pageControllers } from './pages/page-controllers.js';
import { PAGE_RENDERER_PROVIDER } from './pages/page-renderer.provider.js';
import { SessionFormsController } from './routes/session-forms.controller.js';
import { TemplatePages } from './pages/template-pages.js';
import { PasswordChangeService } from './account/password-change.service.js';
import { PasswordHasher } from './passwords/password-hasher.js';
import { PasswordPolicy } from './passwords/password-policy.js';
import { Passwords } from './passwords/passwords.js';
import { RefusalWork } from './passwords/refusal-work.js';
import { PendingEndsSweeper } from './users/pending-ends.sweeper.js';
import { HandshakeRules } from './cross-site/handshake.rules.js';
import { SessionAudit } from './audit/session-audit.js';
import { SessionLimit } from './users/session-limit.js';
import { SessionSockets } from './sockets/session-sockets.js';
import { SignedInUsers } from './access/signed-in.js';
import { SkipCsrfRoutes } from './cross-site/skip-csrf.routes.js';
import { UserService } from './users/user.service.js';
import { UserSessions } from './users/user-sessions.service.js';

/** The options that must be known when the module is imported. */
export interface AuthModuleSetup extends Partial<Omit<AuthModuleExtras, 'paths'>> {
  /** The paths of the pages: the library's, or those of the application that replace them. */
  paths?: AuthPaths;
  /**
   * Modules that export a `UserStore`, `LoginAttempts`, `AuditLog`, `PasswordBlocklist`, `PasswordVerifier` or
   * `AuthPages` written by the application. They are used instead of what a storage module provides. Default none.
   */
  imports?: ModuleMetadata['imports'];
}

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<AuthModuleOptions>()
  .setClassMethodName('forRoot')
  .build();

type AsyncOptions = Parameters<typeof ConfigurableModuleClass.forRootAsync>[0];

const SERVICES = [
  AuditService,
  AuthAssets,
  AuthEvents,
  AuthService,
  CrossSitePolicy,
  FormAnswers,
  HashQueue,
  HttpAnswers,
  MySessionsService,
  NavLinks,
  PageAnswers,
  PasswordChangeService,
  PasswordPolicy,
  PersonalPages,
  RoutePaths,
  SessionSockets,
  SignedInUsers,
  UserService,
];

const PROVIDERS: Provider[] = [
  moduleCheck(() => AuthModule),
  ...fromForRoot('AuthModule', MODULE_OPTIONS_TOKEN, AUTH_EXTRAS),
  needs('AuthModule', 'SessionModule'),
  { provide: presenceOf('AuthModule'), useValue: true },
  {
    provide: AUTH_OPTIONS,
    inject: [MODULE_OPTIONS_TOKEN, AUTH_EXTRAS],
    useFactory: (given: AuthModuleOptions | undefined, { paths }: AuthModuleExtras) =>
      resolveAuthOptions({ ...givenOptions('AuthModule', given), paths }),
  },
  AUTH_STORAGE_PROVIDER,
  {
    provide: PASSWORD_BLOCKLIST,
    inject: [{ token: PasswordBlocklist, optional: true }],
    useFactory: (own?: PasswordBlocklist) => own ?? new CommonPasswords(),
  },
  ...SERVICES,
  TemplatePages,
  PAGE_RENDERER_PROVIDER,
  AccountDeletion,
  Administrators,
  AuditSweeper,
  AuthEventRelay,
  CredentialsVerifier,
  CrossSiteBinding,
  CrossSiteGuard,
  AuthGuard,
  FirstAccount,
  ForeignHashes,
  EndSessionsGuard,
  GuardOrder,
  LoginThrottle,
  MicroserviceHandlers,
  OneTimePasswords,
  PasswordHasher,
  Passwords,
  RefusalWork,
  PendingEndsSweeper,
  HandshakeRules,
  SessionAudit,
  SessionLimit,
  SkipCsrfRoutes,
  UserSessions,
  // They run in this order, and before all others; see `GuardOrder`.
  { provide: APP_GUARD, useExisting: CrossSiteGuard },
  { provide: APP_GUARD, useExisting: AuthGuard },
];

/**
 * Accounts, sign-in, guards and throttling for the whole application. Needs `SessionModule`. Once it is imported, every
 * handler requires a signed-in user, unless it has `@Public()` or `@OptionalAuth()`. Keeps accounts in the storage
 * module that the application imports, else in memory, which is refused in production.
 */
@Module({
  imports: [WebModule, DiscoveryModule],
  providers: PROVIDERS,
  exports: [
    presenceOf('AuthModule'),
    WebModule,
    AUTH_OPTIONS,
    AUTH_EXTRAS,
    AuditSweeper,
    AuthStorage,
    PendingEndsSweeper,
    ...SERVICES,
  ],
})
export class AuthModule extends ConfigurableModuleClass {
  /** Options are checked once, when the application is created. @throws OptionsError */
  static override forRoot(options: AuthModuleOptions & AuthModuleSetup = {}): DynamicModule {
    const { prefix, pages, paths, appName, imports = [], ...rest } = options;
    return complete(super.forRoot(rest), { prefix, pages, paths, appName }, imports);
  }

  static override forRootAsync(options: AsyncOptions & Omit<AuthModuleSetup, 'imports'>): DynamicModule {
    const { prefix, pages, paths, appName, ...rest } = options;
    return complete(super.forRootAsync(rest), { prefix, pages, paths, appName }, []);
  }
}

function complete(
  module: DynamicModule,
  setup: AuthModuleSetup,
  imports: NonNullable<ModuleMetadata['imports']>,
): DynamicModule {
  const { prefix = 'auth', pages = true, appName = 'Gatehouse' } = setup;
  const { paths } = resolveAuthOptions({ paths: setup.paths });
  const extras: AuthModuleExtras = { prefix, pages, paths, appName };
  return {
    ...module,
    global: true,
    imports: [...(module.imports ?? []), ...imports],
    providers: [...(module.providers ?? []), { provide: AUTH_EXTRAS, useValue: extras }],
    controllers: [
      controllerAt(MySessionsController, prefix, 'sessions'),
      controllerAt(SessionFormsController, prefix, 'sessions'),
      controllerAt(AuthController, prefix),
      controllerAt(PasswordController, prefix),
      ...pageControllers(extras),
    ],
  };
}
