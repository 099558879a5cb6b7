import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { requestOf } from 'nest-gatehouse/session';
import { signedInOf } from './signed-in.js';
import type { SignedInUser } from '../storage/user-record.js';

/**
 * `@CurrentUser()`: who is signed in. `@CurrentUser('id')`: one of its fields. Undefined if nobody is signed in, and on
 * `@Public()` routes.
 */
export const CurrentUser = createParamDecorator((field: keyof SignedInUser | undefined, context: ExecutionContext) => {
  const user = signedInOf(requestOf(context))?.user;
  return field === undefined ? user : user?.[field];
});
