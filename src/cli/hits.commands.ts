import { type Command, InvalidArgumentError } from 'commander';
import type { HitBucket, HitService } from 'nest-gatehouse/hits';
import type { Run } from './run.js';
import { minute, table, type Outcome } from './output.js';

type Unit = 'hour' | 'day';

interface Options {
  /** Milliseconds since the epoch. */
  readonly from?: number;
  readonly to?: number;
  readonly by?: Unit;
}

const DAY = 86_400_000;
const SHOWN: Readonly<Record<Unit, number>> = { hour: DAY, day: 7 * DAY };
const TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z)?$/;

export function addHitsCommands(program: Command, run: Run): void {
  program
    .command('hits')
    .description('how many requests there were: in all, and in the last 24 hours and 7 days')
    .option('--from <time>', 'from this time on, in UTC, such as 2026-01-31 or 2026-01-31T12:00Z', time)
    .option('--to <time>', 'before this time; now, if not given', time)
    .option('--by <unit>', 'hour or day', unit)
    .action((options: Options) =>
      run(async ({ hits }) => {
        const { from, to, by = 'day' } = options;
        const items = await itemsOf(hits, { from, to, by });
        const json = { total: await hits.total(), by, items };
        const isShort = from === undefined && to === undefined && options.by === undefined;
        const hours = isShort ? [tableOf('hour', await itemsOf(hits, { by: 'hour' }))] : [];
        return told(json, [...hours, tableOf(by, items)]);
      }),
    );
}

async function itemsOf(
  hits: HitService,
  { from, to, by }: Options & { readonly by: Unit },
): Promise<readonly HitBucket[]> {
  const end = to ?? Date.now() + 1;
  return (await hits.series({ from: from ?? end - SHOWN[by], to: end, by })).items;
}

function told(json: { readonly total: number }, tables: readonly string[]): Outcome {
  return { json, text: [`${json.total} requests in all.`, ...tables].join('\n\n') };
}

function tableOf(by: Unit, items: readonly HitBucket[]): string {
  const rows = items.map(({ start, total, people, bots, uniques }) => {
    const counts = [total, people, bots, ...(uniques === undefined ? [] : [uniques])].map(String);
    return [by === 'day' ? start.slice(0, 10) : minute(start), ...counts];
  });
  const head = [by === 'day' ? 'DAY (UTC)' : 'HOUR (UTC)', 'REQUESTS', 'PEOPLE', 'BOTS'];
  return table(by === 'day' ? [...head, 'SESSIONS'] : head, rows, 'No hour or day begins in this time.');
}

/** @throws InvalidArgumentError */
function time(text: string): number {
  const milliseconds = TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(milliseconds))
    throw new InvalidArgumentError('Expected a day or a time in UTC, such as 2026-01-31.');
  return milliseconds;
}

/** @throws InvalidArgumentError */
function unit(text: string): Unit {
  if (text === 'hour' || text === 'day') return text;
  throw new InvalidArgumentError('Expected hour or day.');
}
