import type { Type } from '@nestjs/common';
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
 *
 * What a base class requires, its subclasses and the methods that override its own require too. What a base class opens
 * is not inherited: who reads the subclass would not see it.
 */
export function readAccessRule(reflector: Reflector, handler: Level, controller: Type): AccessRule {
  const overridden = overriddenBy(handler, controller);
  const levels = [handler, ...overridden, controller];
  const requires = (level: Level) =>
    [ROLES, RECENT_AUTH].some((key) => reflector.get<unknown>(key, level) !== undefined) ? 'required' : undefined;
  return {
    access:
      requires(handler) ??
      ownMetadata<Access>(ACCESS, handler) ??
      overridden.map(requires).find((found) => found !== undefined) ??
      requires(controller) ??
      ownMetadata<Access>(ACCESS, controller) ??
      'required',
    roles: reflector.getAllAndOverride<string[] | undefined>(ROLES, levels) ?? [],
    recentAuth: reflector.getAllAndOverride<number | undefined>(RECENT_AUTH, levels) ?? null,
    isOpenWhilePasswordMustChange: isOpened(OPEN_WHILE_PASSWORD_MUST_CHANGE, handler, controller),
    isPageForm: reflector.get<boolean | undefined>(PAGE_FORM, handler) ?? false,
  };
}

/** Whether a decorator on the handler or on the controller itself, not on a base class, opens something. */
export function isOpened(key: string, handler: Level, controller: Level): boolean {
  return (ownMetadata<boolean>(key, handler) ?? ownMetadata<boolean>(key, controller)) === true;
}

function ownMetadata<T>(key: string, level: Level): T | undefined {
  return Reflect.getOwnMetadata(key, level) as T | undefined;
}

/** The methods of base classes that this handler overrides. */
function overriddenBy(handler: Level, controller: Type): Level[] {
  const prototypes: object[] = [];
  let prototype = controller.prototype as object | null;
  for (; prototype && prototype !== Object.prototype; prototype = Object.getPrototypeOf(prototype) as object | null)
    prototypes.push(prototype);
  const methodOf = (owner: object, key: string): unknown => Object.getOwnPropertyDescriptor(owner, key)?.value;
  // By its key, because a decorator that wraps a method may give it another name.
  const keys = prototypes.flatMap((owner) => Object.getOwnPropertyNames(owner));
  const key = keys.find((name) => prototypes.some((owner) => methodOf(owner, name) === handler));
  if (key === undefined) return [];
  const methods = prototypes.map((owner) => methodOf(owner, key));
  return methods.filter((method): method is Level => typeof method === 'function' && method !== handler);
}
