import type { Logger } from 'pino';
import type { GracefulStop } from './graceful-stop.js';

/** How many faults are logged, because there may be very many. */
const MAX_FAULTS = 10;

/**
 * Ends the process: with exit status 0 after a signal, with 1 after an uncaught fault, both once the requests in flight
 * are answered. After the grace period, or at a second signal, it ends at once with 1.
 */
export class ProcessEnd {
  #stop: GracefulStop | undefined;
  #grace = 0;
  #exitCode = 0;
  #isEnding = false;
  #faults = 0;

  constructor(private readonly logger: Logger) {}

  /**
   * From now on an uncaught fault is logged and ends the process, because it may have left work half done (OWASP ASVS
   * 16.5.4).
   */
  onFault(): this {
    process.on('uncaughtException', (error, origin) => this.#fail(error, origin));
    process.on('unhandledRejection', (reason) => this.#fail(reason, 'unhandledRejection'));
    return this;
  }

  /** From now on requests in flight are answered first, for at most `grace` milliseconds. */
  stopBefore(stop: GracefulStop, grace: number): void {
    this.#stop = stop;
    this.#grace = grace;
    let signals = 0;
    const onSignal = (signal: NodeJS.Signals) => {
      if (++signals > 1) process.exit(1);
      this.logger.info({ signal }, 'stopping');
      this.#end();
    };
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  }

  #fail(fault: unknown, origin: string): void {
    this.#exitCode = 1;
    if (++this.#faults <= MAX_FAULTS) this.#log(fault, origin);
    this.#end();
  }

  #log(fault: unknown, origin: string): void {
    // Only the type is logged: a value that is not an Error may be anything, even a request body or a password.
    const described = fault instanceof Error ? { err: fault } : { thrown: fault === null ? 'null' : typeof fault };
    try {
      this.logger.fatal({ ...described, origin }, 'nobody has caught this fault: the server stops');
    } catch {
      // A failing log must not keep the process from ending.
    }
  }

  #end(): void {
    if (!this.#stop) process.exit(1);
    if (this.#isEnding) return;
    this.#isEnding = true;
    setTimeout(() => {
      this.logger.error({ grace: this.#grace }, 'requests were still in flight when SHUTDOWN_GRACE was over');
      process.exit(1);
    }, this.#grace);
    this.#stop.run().then(
      () => process.exit(this.#exitCode),
      (error: unknown) => {
        this.logger.error({ err: error }, 'stopping failed');
        process.exit(1);
      },
    );
  }
}
