import { z } from 'zod';

const TRUE = ['true', 'on', '1', 'yes'];
const FALSE = ['false', 'off', '0', 'no', ''];

/** What a check box sends, or JSON. */
const flag = z
  .union(
    [z.boolean(), z.enum(TRUE).transform(() => true), z.enum(FALSE).transform(() => false)],
    'expected true or false',
  )
  .default(false);

/** A password of the wrong type is treated as a wrong password, so only a missing one is an invalid request. */
const credential = z.custom<unknown>((value) => value !== undefined, 'missing').meta({ type: 'string' });

const next = z
  .unknown()
  .optional()
  .meta({ type: 'string', description: 'Where a form goes on: a path of this server.' });

export const loginBody = z.strictObject({ username: credential, password: credential, remember: flag, next });
export const passwordBody = z.strictObject({
  currentPassword: credential,
  newPassword: z.string('expected a text'),
  next,
});
export const reauthenticateBody = z.strictObject({ password: credential, next });

export type LoginBody = z.output<typeof loginBody>;
export type PasswordBody = z.output<typeof passwordBody>;
export type ReauthenticateBody = z.output<typeof reauthenticateBody>;
