import { Controller, Get, Optional, Query } from '@nestjs/common';
import { BodyOf } from 'nest-gatehouse/common';
import {
  hitListQuery,
  hitSeriesQuery,
  HitService,
  type CountedRoute,
  type HitList,
  type HitSeries,
} from 'nest-gatehouse/hits';
import type { AgentHits } from 'nest-gatehouse/hits/storage';
import type { z } from 'zod';
import { notInstalled, orCursorInvalid } from '../admin.problems.js';
import { ForAdministrators, NotStored } from './administrator.js';

type ListQuery = z.output<typeof hitListQuery>;

/** How often? 404 `not_installed` where the application has no `HitsModule`. */
@Controller('admin/api/hits')
@ForAdministrators()
export class HitsController {
  constructor(@Optional() private readonly installed?: HitService) {}

  @Get()
  @NotStored()
  series(@Query(new BodyOf(hitSeriesQuery)) query: z.output<typeof hitSeriesQuery>): Promise<HitSeries> {
    return this.#hits().series(query);
  }

  @Get('routes')
  @NotStored()
  routes(@Query(new BodyOf(hitListQuery)) { limit, cursor, ...range }: ListQuery): Promise<HitList<CountedRoute>> {
    return orCursorInvalid(this.#hits().routes(range, { limit, cursor }));
  }

  @Get('agents')
  @NotStored()
  agents(@Query(new BodyOf(hitListQuery)) { limit, cursor, ...range }: ListQuery): Promise<HitList<AgentHits>> {
    return orCursorInvalid(this.#hits().agents(range, { limit, cursor }));
  }

  #hits(): HitService {
    if (!this.installed) throw notInstalled('hits', 'HitsModule');
    return this.installed;
  }
}
