import { z } from 'zod';

const LIMIT = 'expected a whole number from 1 to 200';

/** The query of a list: `limit` (1 to 200, default 50) and the `cursor`, which is the `next` of the previous page. */
export const pageQuery = z.object({
  limit: z.coerce.number(LIMIT).int(LIMIT).min(1, LIMIT).max(200, LIMIT).default(50),
  cursor: z.string('expected the next of the page before').max(1_024).optional(),
});
