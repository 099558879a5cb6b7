import { Logger as PinoNestLogger, PinoLogger } from 'nestjs-pino';
import type { Logger } from 'pino';

/** What Nest tells of its own start: interesting to whoever looks for a fault, noise to everybody else. */
const FRAMEWORK = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
  'ExceptionHandler',
]);

/** Nest's logger on pino. A start that fails is told once, by `main`. */
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
