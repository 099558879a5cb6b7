import { AsyncLocalStorage } from 'node:async_hooks';
import { context, ROOT_CONTEXT, SpanStatusCode, trace, type Context, type ContextManager } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterEach, describe, expect, it } from '@jest/globals';
import { StoreMonitor } from 'nest-gatehouse/common';
import { actions } from '../support/apps/actions.js';
import { onEveryPlatform } from '../support/apps/session-app.js';
import { readText, sourceFiles } from '../package/source-files.js';

const exporter = new InMemorySpanExporter();

class Contexts implements ContextManager {
  readonly #current = new AsyncLocalStorage<Context>();
  active = () => this.#current.getStore() ?? ROOT_CONTEXT;
  with: ContextManager['with'] = (active, run, self, ...args) =>
    this.#current.run(active, () => run.call(self as never, ...args));
  bind: ContextManager['bind'] = (_context, target) => target;
  enable = () => this;
  disable = () => {
    this.#current.disable();
    return this;
  };
}

function register(): void {
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  context.setGlobalContextManager(new Contexts());
}

afterEach(() => {
  trace.disable();
  context.disable();
  exporter.reset();
});

const controller = actions({
  put: (_, session) => ((session['secret word'] = 'xyzzy'), 'put'),
  look: (_, session) => session,
});

onEveryPlatform('Spans of OpenTelemetry', (start) => {
  it('are around each operation of the store, with its outcome and nothing else', async () => {
    register();
    const app = await start({ controllers: [controller] });
    const client = app.browser();
    await client.get('/put');
    await client.get('/look');
    // Some stores are told to make room as well.
    const spans = exporter.getFinishedSpans().filter(({ name }) => /insert|read/.test(name));
    expect(spans.map(({ name, attributes }) => [name, attributes])).toEqual([
      ['gatehouse.store.insert', { 'gatehouse.store.outcome': 'ok' }],
      ['gatehouse.store.read', { 'gatehouse.store.outcome': 'ok' }],
    ]);
    const [handle = '', secret = ''] = client.cookies.get('sid')!.split('.');
    const written = JSON.stringify(
      spans.map(({ name, attributes, events, status, links }) => [name, attributes, events, status, links]),
    );
    for (const word of [handle, secret, 'xyzzy', 'secret word']) expect(written).not.toContain(word);
  });

  it('belong to the span of whoever called', async () => {
    register();
    const app = await start({ controllers: [controller] });
    const root = trace.getTracer('test').startSpan('job');
    await context.with(trace.setSpan(context.active(), root), () => app.sessions.count());
    root.end();
    const [count] = exporter.getFinishedSpans();
    expect([count!.name, count!.parentSpanContext?.spanId]).toEqual([
      'gatehouse.store.count',
      root.spanContext().spanId,
    ]);
  });

  it('say which operations failed', async () => {
    register();
    const app = await start({ controllers: [controller] });
    app.store.set('rejects', 'insert');
    expect((await app.browser().get('/put')).status).toBe(503);
    const [insert] = exporter.getFinishedSpans();
    expect([insert!.name, insert!.attributes, insert!.status]).toEqual([
      'gatehouse.store.insert',
      { 'gatehouse.store.outcome': 'failed' },
      { code: SpanStatusCode.ERROR },
    ]);
  });

  it('cost nothing where nobody has registered an SDK', async () => {
    const app = await start({ controllers: [controller] });
    await app.browser().get('/put');
    expect([app.app.get(StoreMonitor).isObserved, exporter.getFinishedSpans()]).toEqual([false, []]);
  });
});

describe('The API of OpenTelemetry', () => {
  it('is imported by one file, while the application is initialised, and can be absent', () => {
    const importing = sourceFiles('libs', 'src').filter((file) => readText(file).includes("'@opentelemetry/"));
    expect(importing).toEqual(['libs/session/src/engine/store-spans.ts']);
    const text = readText(importing[0]!);
    expect(text).toContain("await import('@opentelemetry/api').catch(() => null)");
    expect(text).not.toMatch(/^import .*opentelemetry/m);
    const { peerDependenciesMeta } = JSON.parse(readText('package.json')) as {
      peerDependenciesMeta: Record<string, object>;
    };
    expect(peerDependenciesMeta['@opentelemetry/api']).toEqual({ optional: true });
  });
});
