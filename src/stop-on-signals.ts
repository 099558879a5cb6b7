import type { Server } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import type { Logger } from 'pino';
import { GracefulStop } from './graceful-stop.js';

/** SIGTERM and SIGINT stop the server within the grace: exit 0, or 1 when the grace is over. A second signal ends it at once. */
export function stopOnSignals(app: INestApplication<Server>, grace: number, logger: Logger): void {
  const stop = new GracefulStop(app.getHttpServer());
  let isStopping = false;

  const onSignal = (signal: NodeJS.Signals) => {
    if (isStopping) process.exit(1);
    isStopping = true;
    logger.info({ signal }, 'stopping');
    setTimeout(() => {
      logger.error({ grace }, 'requests were still in flight when SHUTDOWN_GRACE was over');
      process.exit(1);
    }, grace).unref();
    stop
      .drain()
      // Stores close after the last answer.
      .then(() => app.close())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          logger.error({ err: error }, 'stopping failed');
          process.exit(1);
        },
      );
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
}
