import type { z } from 'zod';

/**
 * Who may call: anybody, any signed-in user, a signed-in user also while the password must be changed, the role
 * `admin`, or a program with an API key of a scope.
 */
export type Access = 'anybody' | 'user' | 'user, password to be changed' | 'admin' | KeyAccess;

export type KeyAccess = `API key, sessions:${'read' | 'write' | 'list'}`;

export function isForKeys(access: Access): access is KeyAccess {
  return access.startsWith('API key');
}

/** The content of an answer: JSON of a schema, a page, a file of some type, or nothing. */
export type Content = z.ZodType | 'page' | 'nothing' | `${string}/${string}`;

export interface Answer {
  readonly status: number;
  readonly description: string;
  readonly content: Content;
  /** Names of headers worth mentioning, with their meaning. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Refusal {
  readonly status: number;
  readonly codes: readonly string[];
}

/** In the order in which they are shown. */
export const GROUPS = [
  'Sign in',
  'Account',
  'Session',
  'Programs',
  'Administration',
  'Console',
  'Pages',
  'Server',
] as const;

/** The description of a route beside its method and path. */
export interface Operation {
  readonly group: (typeof GROUPS)[number];
  readonly summary: string;
  readonly access: Access;
  readonly body?: z.ZodType;
  readonly query?: z.ZodObject;
  /** Request headers that matter, with their meaning. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly answers: readonly Answer[];
  /** The route's own refusals; those of its access and method are added. */
  readonly refusals?: readonly Refusal[];
  /** Whether a session is opened at all. Default true. */
  readonly usesStore?: boolean;
}

export type Operations = Readonly<Record<`${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`, Operation>>;

export function json(content: z.ZodType, description: string, status = 200): Answer {
  return { status, description, content };
}

export function nothing(description: string): Answer {
  return { status: 204, description, content: 'nothing' };
}

export function page(description: string): Answer {
  return { status: 200, description, content: 'page' };
}

/** The answer to a form. */
export function redirect(where: string): Answer {
  const headers = { Location: where };
  return { status: 303, description: `To a form: continue at ${where}.`, content: 'nothing', headers };
}
