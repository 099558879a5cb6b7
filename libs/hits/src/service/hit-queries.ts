import { pageQuery } from 'nest-gatehouse/common';
import { z } from 'zod';

const TIME = 'expected a time in UTC such as 2026-01-31T00:00:00Z';

const time = z.iso
  .datetime({ error: TIME })
  .transform((text) => Date.parse(text))
  .optional();

const range = { from: time, to: time };

/** The query of `HitService.series`, as text of a request or a command line. */
export const hitSeriesQuery = z.object({
  ...range,
  by: z.enum(['hour', 'day'], 'expected hour or day').default('day'),
});

/** The query of `HitService.routes` and `HitService.agents`. */
export const hitListQuery = pageQuery.extend(range);
