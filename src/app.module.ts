import { Module, type DynamicModule } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { AdminModule } from 'nest-gatehouse/admin';
import { AuthModule } from 'nest-gatehouse/auth';
import { basePathOf } from 'nest-gatehouse/common';
import { HitsModule } from 'nest-gatehouse/hits';
import { SessionModule } from 'nest-gatehouse/session';
import { LoggerModule } from 'nestjs-pino';
import type { Logger } from 'pino';
import { DocsModule } from './docs/docs.module.js';
import { FirstAdministrator } from './accounts/first-administrator.js';
import { authOptions } from './config/auth-options.js';
import { metricsOptions } from './config/metrics-options.js';
import { hitsOptions } from './config/hits-options.js';
import { CONFIGURATION } from './config/configuration.token.js';
import { PolicyModule } from './config/policy.js';
import { sessionOptions } from './config/session-options.js';
import type { Configuration } from './config/settings.js';
import { HealthController } from './health/health.controller.js';
import { ServerState } from './health/server-state.js';
import { SessionStoreHealth } from './health/session-store.health.js';
import { HitsController } from './hits/hits.controller.js';
import { HomeController } from './home/home.controller.js';
import { ProblemModule } from './http/problem.module.js';
import { ProblemPages } from './http/problem-pages.js';
import { requestContext } from './logging/request-log.js';
import { SessionEventLog } from './logging/session-event-log.js';
import { AccountPagesModule, ConsolePagesModule } from './pages/pages-with-warning.js';
import { FormerPagesController } from './pages/former-pages.controller.js';
import { PagesModule } from './pages/pages.module.js';
import { programsModule } from './accounts/programs.module.js';
import { CodeController } from './sessions/code.controller.js';
import { SessionController } from './sessions/session.controller.js';
import { storageModules } from './storage/storage.module.js';

@Module({})
export class AppModule {
  static forRoot(configuration: Configuration, logger: Logger): DynamicModule {
    return {
      module: AppModule,
      imports: [
        LoggerModule.forRoot({ pinoHttp: requestContext(logger) }),
        ...storageModules(configuration),
        SessionModule.forRootAsync({
          imports: [ProblemModule],
          inject: [ProblemPages],
          useFactory: (pages: ProblemPages) => ({
            ...sessionOptions(configuration),
            renderProblem: (problem, request) => pages.renderPage(problem, basePathOf(request), request),
          }),
        }),
        AuthModule.forRoot({
          ...authOptions(configuration),
          pages: configuration.AUTH_PAGES,
          imports: [AccountPagesModule],
        }),
        programsModule(configuration),
        AdminModule.forRoot({
          ...metricsOptions(configuration),
          console: configuration.AUTH_PAGES,
          imports: [PolicyModule.forRoot(configuration), ConsolePagesModule],
        }),
        HitsModule.forRoot(hitsOptions(configuration)),
        TerminusModule.forRoot({ logger: false }),
        DocsModule.forRoot(configuration),
        PagesModule,
        ProblemModule,
      ],
      controllers: [
        HomeController,
        CodeController,
        SessionController,
        HitsController,
        HealthController,
        ...(configuration.AUTH_PAGES ? [FormerPagesController] : []),
      ],
      providers: [
        { provide: CONFIGURATION, useValue: configuration },
        ServerState,
        SessionStoreHealth,
        SessionEventLog,
        FirstAdministrator,
      ],
    };
  }
}
