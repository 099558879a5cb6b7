import { Module } from '@nestjs/common';
import { APP_FILTER, DiscoveryModule } from '@nestjs/core';
import { PagesModule } from '../pages/pages.module.js';
import { ProblemFilter } from './problem.filter.js';
import { ProblemPages } from './problem-pages.js';
import { RouteTable } from './route-table.js';

@Module({
  imports: [DiscoveryModule, PagesModule],
  providers: [ProblemPages, RouteTable, { provide: APP_FILTER, useClass: ProblemFilter }],
  exports: [ProblemPages],
})
export class ProblemModule {}
