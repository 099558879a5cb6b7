import { controllerAt } from 'nest-gatehouse/common';
import type { Type } from '@nestjs/common';
import { SkipSession } from 'nest-gatehouse/session';
import { assetsController } from 'nest-gatehouse/web';
import { Public } from '../access/access.decorators.js';
import type { AuthModuleExtras } from '../auth.tokens.js';
import { AccountPageController } from './account-page.controller.js';
import { AuthAssets, assetsPath } from './auth-assets.js';
import { ClosedPageController } from './closed-page.controller.js';
import { LoginPageController } from './login-page.controller.js';
import { PasswordPageController } from './password-page.controller.js';
import { ReauthenticatePageController } from './reauthenticate-page.controller.js';
import { SessionsPageController } from './sessions-page.controller.js';

/** Every page at its configured path; empty if `pages` is false. */
export function pageControllers({ pages, paths, prefix }: AuthModuleExtras): Type<object>[] {
  if (!pages) return [];
  return [
    assetsController(assetsPath(prefix), AuthAssets, Public(), SkipSession()),
    controllerAt(LoginPageController, paths.login),
    controllerAt(ReauthenticatePageController, paths.reauthenticate),
    controllerAt(ClosedPageController, paths.closed),
    controllerAt(AccountPageController, paths.account),
    controllerAt(SessionsPageController, paths.sessions),
    controllerAt(PasswordPageController, paths.password),
  ];
}
