import type { Reflector } from '@nestjs/core';
import { ACCESS } from 'nest-gatehouse/common';
import { OPEN_WHILE_PASSWORD_MUST_CHANGE, PAGE_FORM, RECENT_AUTH, ROLES, type Access } from './access.decorators.js';

type Level = Parameters<Reflector['get']>[1];

/** What a handler requires of its caller. */
export interface AccessRule {
  readonly access: Access | 'required';
  /** The user needs one of these; empty: any user. */
  readonly roles: readonly string[];
  /** Milliseconds, or null. */
  readonly recentAuth: number | null;
  readonly isOpenWhilePasswordMustChange: boolean;
  /** Whether a page is at the same address, which has the form. */
  readonly isPageForm: boolean;
}

/**
 * The handler's decorators win over the controller's; without any, a sign-in is required. `@Roles()` or
 * `@RequireRecentAuth()` on the same level win over `@Public()`: of two that contradict each other, the safer one.
 */
export function readAccessRule(reflector: Reflector, handler: Level, controller: Level): AccessRule {
  const levels = [handler, controller];
  const access = levels.map((level) => accessOn(reflector, level)).find((found) => found !== undefined);
  return {
    access: access ?? 'required',
    roles: reflector.getAllAndOverride<string[] | undefined>(ROLES, levels) ?? [],
    recentAuth: reflector.getAllAndOverride<number | undefined>(RECENT_AUTH, levels) ?? null,
    isOpenWhilePasswordMustChange:
      reflector.getAllAndOverride<boolean | undefined>(OPEN_WHILE_PASSWORD_MUST_CHANGE, levels) ?? false,
    isPageForm: reflector.get<boolean | undefined>(PAGE_FORM, handler) ?? false,
  };
}

function accessOn(reflector: Reflector, level: Level): AccessRule['access'] | undefined {
  const demands = [ROLES, RECENT_AUTH].some((key) => reflector.get<unknown>(key, level) !== undefined);
  return demands ? 'required' : reflector.get<Access | undefined>(ACCESS, level);
}
