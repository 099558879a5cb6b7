import type { Provider, Type } from '@nestjs/common';
import { Public } from 'nest-gatehouse/auth';
import { controllerAt } from 'nest-gatehouse/common';
import { SkipSession } from 'nest-gatehouse/session';
import { assetsController } from 'nest-gatehouse/web';
import { ConsoleAnswers } from './answers/console-answers.js';
import { ConsolePages } from './answers/console-pages.js';
import { ConsoleProblems } from './answers/console-problems.interceptor.js';
import { ApiKeysPageController } from './api-keys/api-keys.page.js';
import { AuditPageController } from './audit/audit.page.js';
import { ConsoleAssets, consoleAssetsPath } from './console-assets.js';
import { CONSOLE_PREFIX } from './console.tokens.js';
import { DoctorPageController } from './doctor/doctor.page.js';
import { HitsPageController } from './hits/hits.page.js';
import { OverviewPageController } from './overview/overview.page.js';
import { PolicyPageController } from './policy/policy.page.js';
import { EndingPageController } from './sessions/ending.page.js';
import { SessionPageController } from './sessions/session.page.js';
import { SessionsPageController } from './sessions/sessions.page.js';
import { SessionTable } from './sessions/session-table.js';
import { UserPageController } from './users/user.page.js';
import { UsersPageController } from './users/users.page.js';

/** Each at its own path below the prefix. */
const CONTROLLERS: readonly (readonly [controller: Type<object>, ...path: string[]])[] = [
  [OverviewPageController],
  // Before the sessions, whose handles its paths would be taken for.
  [EndingPageController, 'sessions'],
  [SessionsPageController, 'sessions'],
  [SessionPageController, 'sessions', ':handle'],
  [UsersPageController, 'users'],
  [UserPageController, 'users', ':id'],
  [ApiKeysPageController, 'api-keys'],
  [HitsPageController, 'hits'],
  [AuditPageController, 'audit'],
  [PolicyPageController, 'policy'],
  [DoctorPageController, 'doctor'],
];

/** The pages of the console. @param prefix the path below which they are */
export function consoleControllers(prefix: string): Type<object>[] {
  const pages = CONTROLLERS.map(([controller, ...path]) => controllerAt(controller, prefix, ...path));
  return [assetsController(consoleAssetsPath(prefix), ConsoleAssets, Public(), SkipSession()), ...pages];
}

export function consoleProviders(prefix: string): Provider[] {
  return [
    { provide: CONSOLE_PREFIX, useValue: prefix },
    ConsoleAnswers,
    ConsoleAssets,
    ConsolePages,
    ConsoleProblems,
    SessionTable,
  ];
}
