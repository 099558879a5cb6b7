import { duration, type Duration, parseOptions } from 'nest-gatehouse/common';
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
}

export interface ResolvedAdminOptions {
  readonly showValues: boolean;
  readonly onUserDelete: 'pseudonymise' | 'keep';
  /** Milliseconds. */
  readonly jobAfter: number;
}

/** The defaults as an application could write them. */
export const ADMIN_DEFAULTS = {
  showValues: false,
  onUserDelete: 'pseudonymise',
  jobAfter: '5s',
} as const satisfies AdminModuleOptions;

const adminOptions = z.strictObject({
  showValues: z.boolean().default(ADMIN_DEFAULTS.showValues),
  onUserDelete: z.enum(['pseudonymise', 'keep']).default(ADMIN_DEFAULTS.onUserDelete),
  jobAfter: duration.prefault(ADMIN_DEFAULTS.jobAfter),
});

/** @throws OptionsError */
export function resolveAdminOptions(options: AdminModuleOptions = {}): ResolvedAdminOptions {
  return parseOptions('AdminModule', adminOptions, options);
}
