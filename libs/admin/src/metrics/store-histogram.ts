import type { StoreOutcome } from 'nest-gatehouse/common';
import type { Metric } from 'prom-client';

const NAME = 'gatehouse_store_operation_seconds';
const HELP = 'How long operations of the stores took.';
/** Upper ends, in seconds. */
const BOUNDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** The durations of one operation with one outcome. */
interface Series {
  readonly operation: string;
  readonly outcome: StoreOutcome;
  /** Not cumulated; the last one is for what is longer than every bound. */
  readonly counts: Float64Array;
  seconds: number;
}

interface Value {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/**
 * A histogram whose series are found by two lookups: that of prom-client builds a text of all labels for each
 * observation, and operations of a store are many.
 */
export class StoreHistogram {
  readonly name = NAME;
  readonly help = HELP;
  readonly #series = new Map<string, Map<StoreOutcome, Series>>();

  observe(operation: string, outcome: StoreOutcome, milliseconds: number): void {
    const series = this.#series.get(operation)?.get(outcome) ?? this.#begin(operation, outcome);
    const seconds = milliseconds / 1_000;
    let bucket = 0;
    while (bucket < BOUNDS.length && seconds > BOUNDS[bucket]!) bucket++;
    series.counts[bucket]!++;
    series.seconds += seconds;
  }

  /** For the registry. */
  async get() {
    const series = [...this.#series.values()].flatMap((byOutcome) => [...byOutcome.values()]);
    return { name: NAME, help: HELP, type: 'histogram', aggregator: 'sum', values: series.flatMap(valuesOf) };
  }

  /** As the registry takes it, which calls nothing but `get`. */
  asMetric(): Metric {
    return this as unknown as Metric;
  }

  #begin(operation: string, outcome: StoreOutcome): Series {
    const byOutcome = this.#series.get(operation) ?? new Map<StoreOutcome, Series>();
    const series = { operation, outcome, counts: new Float64Array(BOUNDS.length + 1), seconds: 0 };
    this.#series.set(operation, byOutcome.set(outcome, series));
    return series;
  }
}

function valuesOf({ operation, outcome, counts, seconds }: Series): Value[] {
  const labels = { operation, outcome };
  let count = 0;
  const buckets = [...BOUNDS, '+Inf'].map((le, at) => {
    count += counts[at]!;
    return { metricName: `${NAME}_bucket`, labels: { ...labels, le }, value: count };
  });
  return [
    ...buckets,
    { metricName: `${NAME}_sum`, labels, value: seconds },
    { metricName: `${NAME}_count`, labels, value: count },
  ];
}
