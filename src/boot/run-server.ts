import { loadConfiguration } from '../config/configuration.js';
import { loadEnvironmentFile } from '../config/environment-file.js';
import { createLogger } from '../logging/request-log.js';
import { createApp } from './create-app.js';
import { ProcessEnd } from './process-end.js';
import { bindAddress, serverUrl } from './server-address.js';
import { explainStartFailure } from './start-failure.js';

/** Starts the server on the configuration of this process, which ends with status 1 if that fails. */
export async function runServer(): Promise<void> {
  try {
    loadEnvironmentFile();
    const { configuration, warnings } = loadConfiguration(process.env);
    const logger = createLogger(configuration.LOG_LEVEL);
    for (const warning of warnings) logger.warn(warning);

    const end = new ProcessEnd(logger).onFault();
    const { app, stop } = await createApp(configuration, logger);
    end.stopBefore(stop, configuration.SHUTDOWN_GRACE);
    await app.listen(configuration.PORT, bindAddress(configuration.HOST));
    process.stdout.write(`Gatehouse listening on ${serverUrl(configuration.HOST, app.getHttpServer())}\n`);
  } catch (error) {
    process.stderr.write(`${explainStartFailure(error)}\n`, () => process.exit(1));
  }
}
