import { Logger as PinoNestLogger, PinoLogger } from 'nestjs-pino';
import type { Logger } from 'pino';

/** The loggers of Nest's own start: useful for debugging, otherwise noise. */
const FRAMEWORK = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
  'ExceptionHandler',
]);

/** Nest's logger on pino. A failed start is logged once, by `main`. */
export class NestLogger extends PinoNestLogger {
  override log(message: unknown, ...parameters: unknown[]): void {
    if (isFromFramework(parameters)) super.debug(message, ...parameters);
    else super.log(message, ...parameters);
  }

  override error(message: unknown, ...parameters: unknown[]): void {
    if (isFromFramework(parameters)) super.debug(message, ...parameters);
    else super.error(message, ...parameters);
  }
}

export function createNestLogger(logger: Logger): NestLogger {
  return new NestLogger(new PinoLogger({ pinoHttp: { logger } }), {});
}

function isFromFramework(parameters: readonly unknown[]): boolean {
  return FRAMEWORK.has(String(parameters.at(-1)));
}
