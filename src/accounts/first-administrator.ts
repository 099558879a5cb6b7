import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { UserService } from 'nest-gatehouse/auth';
import { ProblemException } from 'nest-gatehouse/common';
import { ConfigurationError } from '../config/configuration.error.js';
import { CONFIGURATION } from '../config/configuration.token.js';
import type { Configuration, SettingName } from '../config/settings.js';

const COMMAND = 'npm run -s gatehouse -- user:create NAME --role admin';
const VARIABLES = 'GATEHOUSE_ADMIN_USER and GATEHOUSE_ADMIN_PASSWORD';

/** The setting that a refusal of the account refers to. */
const SETTINGS: Readonly<Record<string, SettingName>> = {
  username_invalid: 'GATEHOUSE_ADMIN_USER',
  password_rejected: 'GATEHOUSE_ADMIN_PASSWORD',
};

/**
 * If there is no account yet, creates the administrator given in the environment, or logs how to create one. There is
 * no default account.
 */
@Injectable()
export class FirstAdministrator implements OnApplicationBootstrap {
  readonly #logger = new Logger('Accounts');

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    private readonly users: UserService,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (!(await this.#isEmpty())) return;
    const { GATEHOUSE_ADMIN_USER: username, GATEHOUSE_ADMIN_PASSWORD: password } = this.configuration;
    if (username !== undefined && password !== undefined) await this.#create(username, password);
    else this.#logger.warn(`There is no account yet. ${this.#howTo()}`);
  }

  async #isEmpty(): Promise<boolean> {
    try {
      return (await this.users.list({ limit: 1 })).items.length === 0;
    } catch (error) {
      // The server starts even if its store does not answer, but is not ready until it does.
      if (error instanceof ProblemException && error.code === 'store_unavailable') return false;
      throw error;
    }
  }

  async #create(username: string, password: string): Promise<void> {
    try {
      await this.users.create({ username, password, roles: ['admin'] });
      this.#logger.log(`The administrator of ${VARIABLES} was made; the password can leave the environment now.`);
    } catch (error) {
      if (!(error instanceof ProblemException)) throw error;
      // Another process on the same store was faster.
      if (error.code === 'username_taken') return;
      const setting = SETTINGS[error.code];
      if (setting === undefined) throw error;
      const reasons = (error.problem.errors ?? []).map(({ message }) => message).join(', and ');
      throw new ConfigurationError([`${setting}: ${reasons}`]);
    }
  }

  /** Accounts in memory cannot be reached from another process, such as the command line. */
  #howTo(): string {
    return this.configuration.STORAGE === 'memory'
      ? `Start with ${VARIABLES} to make the first administrator; accounts in memory end with the server.`
      : `Make the first administrator: ${COMMAND}`;
  }
}
