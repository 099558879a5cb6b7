import { loadConfiguration } from './config/configuration.js';
import { loadEnvironmentFile } from './config/environment-file.js';
import { createApp } from './create-app.js';
import { createLogger } from './logging/request-log.js';
import { bindAddress, serverUrl } from './server-address.js';
import { explainStartFailure } from './start-failure.js';
import { stopOnSignals } from './stop-on-signals.js';

try {
  loadEnvironmentFile();
  const { configuration, warnings } = loadConfiguration(process.env);
  const logger = createLogger(configuration.LOG_LEVEL);
  for (const warning of warnings) logger.warn(warning);

  const app = await createApp(configuration, logger);
  stopOnSignals(app, configuration.SHUTDOWN_GRACE, logger);
  await app.listen(configuration.PORT, bindAddress(configuration.HOST));
  process.stdout.write(`Gatehouse listening on ${serverUrl(configuration.HOST, app.getHttpServer())}\n`);
} catch (error) {
  process.stderr.write(`${explainStartFailure(error)}\n`, () => process.exit(1));
}
