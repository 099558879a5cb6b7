import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { type Awaitable, isPromise, outcomeOf, StoreMonitor, type StoreOutcome } from 'nest-gatehouse/common';

const TRACER = 'nest-gatehouse';
const OUTCOME = 'gatehouse.store.outcome';

type OpenTelemetry = typeof import('@opentelemetry/api');

/**
 * A span of OpenTelemetry around each operation of a store, if its API is installed and an SDK was registered before
 * the application is initialised. A span has the name of its operation and its outcome: no handle, secret or data.
 */
@Injectable()
export class StoreSpans implements OnModuleInit, OnModuleDestroy {
  constructor(private readonly monitor: StoreMonitor) {}

  async onModuleInit(): Promise<void> {
    const api = await import('@opentelemetry/api').catch(() => null);
    if (api !== null && hasProvider(api)) this.#wrap(api);
  }

  onModuleDestroy(): void {
    this.monitor.wrapIn(null);
  }

  #wrap({ trace, SpanKind, SpanStatusCode }: OpenTelemetry): void {
    const tracer = trace.getTracer(TRACER);
    this.monitor.wrapIn(<T>(operation: string, run: () => Awaitable<T>) =>
      tracer.startActiveSpan(`gatehouse.store.${operation}`, { kind: SpanKind.CLIENT }, (span): Awaitable<T> => {
        const end = (outcome: StoreOutcome) => {
          span.setAttribute(OUTCOME, outcome);
          if (outcome === 'failed' || outcome === 'timeout') span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        };
        const failed = (error: unknown): never => {
          end(outcomeOf(error));
          throw error;
        };
        let answer: Awaitable<T>;
        try {
          answer = run();
        } catch (error) {
          return failed(error);
        }
        if (!isPromise(answer)) {
          end('ok');
          return answer;
        }
        return answer.then((value) => {
          end('ok');
          return value;
        }, failed);
      }),
    );
  }
}

/** The API alone makes spans that nobody sees, which would cost time with each operation. */
function hasProvider({ trace, ProxyTracerProvider }: OpenTelemetry): boolean {
  const provider = trace.getTracerProvider();
  return !(provider instanceof ProxyTracerProvider) || provider.getDelegateTracer(TRACER) !== undefined;
}
