import { duration, type Duration, optionsObject, parseOptions } from 'nest-gatehouse/common';
import { z } from 'zod';

/** What users write. Durations are `'30m'`-like strings or milliseconds. */
export interface AdminModuleOptions {
  /**
   * Whether a session's own page and route show the values of its data, or only their names. Values may be secret.
   * Default false.
   */
  showValues?: boolean;
  /**
   * What becomes of a deleted account in the audit trail. `'pseudonymise'` (default): its id and name are replaced by
   * a pseudonym, by which the entries can still be found. `'keep'`: the entries stay as they are.
   */
  onUserDelete?: 'pseudonymise' | 'keep';
  /** An end of many sessions that takes longer is answered with 202, and goes on as a job. Default `'5s'`. */
  jobAfter?: Duration;
  /** How long one operation on the jobs may take before it counts as failed. Default `'2s'`. */
  storeDeadline?: Duration;
  /**
   * Admits whoever sends it as `Authorization: Bearer` to `/metrics`, without a sign-in. At least 16 characters, none
   * of them blank. Default none: only for the role `admin`.
   */
  metricsToken?: string;
  /** The metrics also on a port of their own, which answers nothing else; 0: any free one. Default none. */
  metricsPort?: number;
  /** Where that port listens. Without `metricsToken` it answers everybody who reaches it. Default `'127.0.0.1'`. */
  metricsHost?: string;
}

export interface ResolvedAdminOptions {
  readonly showValues: boolean;
  readonly onUserDelete: 'pseudonymise' | 'keep';
  /** Milliseconds. */
  readonly jobAfter: number;
  /** Milliseconds. */
  readonly storeDeadline: number;
  readonly metricsToken: string | null;
  readonly metricsPort: number | null;
  readonly metricsHost: string;
}

/** The defaults as an application could write them. */
export const ADMIN_DEFAULTS = {
  showValues: false,
  onUserDelete: 'pseudonymise',
  jobAfter: '5s',
  storeDeadline: '2s',
  metricsHost: '127.0.0.1',
} as const satisfies AdminModuleOptions;

const TOKEN_HELP = 'expected at least 16 characters without blanks, such as those of `openssl rand -base64 32`';

const adminOptions = optionsObject({
  showValues: z.boolean().default(ADMIN_DEFAULTS.showValues),
  onUserDelete: z.enum(['pseudonymise', 'keep']).default(ADMIN_DEFAULTS.onUserDelete),
  jobAfter: duration.prefault(ADMIN_DEFAULTS.jobAfter),
  storeDeadline: duration.prefault(ADMIN_DEFAULTS.storeDeadline),
  metricsToken: z
    .string()
    .regex(/^\S{16,}$/, TOKEN_HELP)
    .optional()
    .transform((token) => token ?? null),
  metricsPort: z
    .int('expected a port from 0 to 65535')
    .min(0)
    .max(65_535)
    .optional()
    .transform((port) => port ?? null),
  metricsHost: z.string().min(1).default(ADMIN_DEFAULTS.metricsHost),
});

/** @throws OptionsError */
export function resolveAdminOptions(options: AdminModuleOptions = {}): ResolvedAdminOptions {
  return parseOptions('AdminModule', adminOptions, options);
}
