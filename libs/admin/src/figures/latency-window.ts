const SLOTS = 60;
const SECOND = 1_000;
/** Each bucket is a fifth wider than the one before: a quantile is right to a tenth. */
const PER_DOUBLING = 4;
const DOUBLINGS = 27;
const BUCKETS = DOUBLINGS * PER_DOUBLING;
/** The first bucket ends here, in milliseconds; the last one at more than a minute. */
const LEAST = 0.0005;

/** How long operations took within the last minute: counts by duration in slots of a second, all allocated at the start. */
export class LatencyWindow {
  readonly #counts = new Uint32Array(SLOTS * BUCKETS);
  readonly #seconds = new Float64Array(SLOTS).fill(-Infinity);

  /** @param now milliseconds since the epoch */
  add(milliseconds: number, now: number): void {
    const second = Math.floor(now / SECOND);
    const slot = second % SLOTS;
    const start = slot * BUCKETS;
    if (this.#seconds[slot] !== second) {
      this.#seconds[slot] = second;
      this.#counts.fill(0, start, start + BUCKETS);
    }
    this.#counts[start + bucketOf(milliseconds)]!++;
  }

  /** In milliseconds, in the order of `ranks`, which are from 0 to 1; null if there was no operation. */
  quantiles(ranks: readonly number[], now: number): (number | null)[] {
    const sums = this.#sums(Math.floor(now / SECOND));
    const total = sums.reduce((sum, count) => sum + count, 0);
    return ranks.map((rank) => (total === 0 ? null : valueAt(sums, Math.max(1, Math.ceil(rank * total)))));
  }

  #sums(second: number): Float64Array {
    const sums = new Float64Array(BUCKETS);
    for (let slot = 0; slot < SLOTS; slot++) {
      const age = second - this.#seconds[slot]!;
      if (age < 0 || age >= SLOTS) continue;
      for (let bucket = 0; bucket < BUCKETS; bucket++) sums[bucket]! += this.#counts[slot * BUCKETS + bucket]!;
    }
    return sums;
  }
}

function bucketOf(milliseconds: number): number {
  const bucket = Math.ceil(Math.log2(milliseconds / LEAST) * PER_DOUBLING);
  return bucket > 0 ? Math.min(bucket, BUCKETS - 1) : 0;
}

/** The middle of the bucket that has this place, rounded to a microsecond. */
function valueAt(sums: Float64Array, place: number): number {
  let reached = 0;
  const bucket = sums.findIndex((count) => (reached += count) >= place);
  return Number((LEAST * 2 ** ((bucket - 0.5) / PER_DOUBLING)).toFixed(3));
}
