import { SetMetadata } from '@nestjs/common';

/** Metadata of handlers and controllers whose requests are not counted. */
export const SKIP_HITS = 'gatehouse:skip-hits';

/** On a handler or a controller: its requests are not counted, answered by it or refused before. */
export const SkipHits = () => SetMetadata(SKIP_HITS, true);
