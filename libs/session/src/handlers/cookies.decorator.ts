import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { parse } from 'cookie';
import { requestOf } from './request-of.js';

/** `@Cookies()`: all cookies of the request by name, percent-decoded. `@Cookies('theme')`: one, or undefined. */
export const Cookies = createParamDecorator((name: string | undefined, context: ExecutionContext) => {
  const cookies = parse(requestOf(context).headers?.cookie ?? '');
  return name === undefined ? cookies : cookies[name];
});
