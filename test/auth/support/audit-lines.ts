import { ConsoleLogger, Logger, type INestApplication, type LoggerService } from '@nestjs/common';

interface Written {
  readonly level: string;
  readonly message: unknown;
}

/** What the audit trail writes to the application's log, from now until `stop`. */
export class AuditLines {
  readonly #written: Written[] = [];

  constructor(private readonly app: INestApplication) {
    const note = (level: string) => (message: unknown, context?: unknown) => {
      if (context === 'Audit') this.#written.push({ level, message });
    };
    const logger = { log: note('log'), warn: note('warn'), error: note('error') } satisfies LoggerService;
    app.useLogger(logger);
  }

  /** The fields of each line, as a structured logger has them. */
  fields(): Record<string, unknown>[] {
    return this.#written.map(({ message }) => ({ ...(message as object) }));
  }

  /** What Nest's own logger prints, each call as one text. */
  printed(): string[] {
    const out: string[] = [];
    const console = new (class extends ConsoleLogger {
      protected override formatMessage(...args: Parameters<ConsoleLogger['formatMessage']>): string {
        const text = super.formatMessage(...args);
        out.push(text);
        return '';
      }
    })({ colors: false, context: 'Audit' });
    for (const { message } of this.#written) console.log(message, 'Audit');
    return out;
  }

  stop(): void {
    this.app.useLogger(false);
    Logger.overrideLogger(false);
  }
}
