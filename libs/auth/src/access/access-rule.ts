import type { ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { ACCESS, OPEN_WHILE_PASSWORD_MUST_CHANGE, RECENT_AUTH, ROLES, type Access } from './access.decorators.js';

/** What a handler asks of who calls it. */
export interface AccessRule {
  readonly access: Access | 'required';
  /** One of these; none: any user. */
  readonly roles: readonly string[];
  /** Milliseconds, or null. */
  readonly recentAuth: number | null;
  readonly isOpenWhilePasswordMustChange: boolean;
}

/**
 * The handler's word first, then the controller's; without any, a sign-in is required. Roles or a recent password on the same level win over `@Public()`:
 * the safe one of two that contradict.
 */
export function readAccessRule(reflector: Reflector, context: ExecutionContext): AccessRule {
  const levels = [context.getHandler(), context.getClass()];
  const access = levels.map((level) => accessOn(reflector, level)).find((found) => found !== undefined);
  return {
    access: access ?? 'required',
    roles: reflector.getAllAndOverride<string[] | undefined>(ROLES, levels) ?? [],
    recentAuth: reflector.getAllAndOverride<number | undefined>(RECENT_AUTH, levels) ?? null,
    isOpenWhilePasswordMustChange:
      reflector.getAllAndOverride<boolean | undefined>(OPEN_WHILE_PASSWORD_MUST_CHANGE, levels) ?? false,
  };
}

function accessOn(reflector: Reflector, level: Parameters<Reflector['get']>[1]): AccessRule['access'] | undefined {
  const demands = [ROLES, RECENT_AUTH].some((key) => reflector.get<unknown>(key, level) !== undefined);
  return demands ? 'required' : reflector.get<Access | undefined>(ACCESS, level);
}
