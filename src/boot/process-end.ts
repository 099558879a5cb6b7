import type { Logger } from 'pino';
import type { GracefulStop } from './graceful-stop.js';

/** How many faults are told: they may come in a storm. */
const MAX_FAULTS = 10;

/**
 * How the process ends: at a signal with exit status 0, at a fault that nobody has caught with 1, both after the requests in flight have
 * been answered. When the grace is over, and at a second signal, it ends at once with 1.
 */
export class ProcessEnd {
  #stop: GracefulStop | undefined;
  #grace = 0;
  #exitCode = 0;
  #isEnding = false;
  #faults = 0;

  constructor(private readonly logger: Logger) {}

  /** From now on a fault is logged, and ends the process: what it has left half done, nobody knows (OWASP ASVS 16.5.4). */
  onFault(): this {
    process.on('uncaughtException', (error, origin) => this.#fail(error, origin));
    process.on('unhandledRejection', (reason) => this.#fail(reason, 'unhandledRejection'));
    return this;
  }

  /** From now on there are requests to be answered first, within so many milliseconds. */
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
    if (++this.#faults <= MAX_FAULTS) this.#tell(fault, origin);
    this.#end();
  }

  #tell(fault: unknown, origin: string): void {
    // What is no error may be anything, a request body or a password among it: only its type is told.
    const described = fault instanceof Error ? { err: fault } : { thrown: fault === null ? 'null' : typeof fault };
    try {
      this.logger.fatal({ ...described, origin }, 'nobody has caught this fault: the server stops');
    } catch {
      // A log that fails must not keep the process from ending.
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
