import { Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { WebModule } from 'nest-gatehouse/web';
import { PagesModule } from '../pages/pages.module.js';
import { ProblemFilter } from './problem.filter.js';
import { ProblemPages } from './problem-pages.js';
import { RouteTable } from './route-table.js';

@Module({
  imports: [WebModule, PagesModule],
  providers: [ProblemPages, RouteTable, { provide: APP_FILTER, useClass: ProblemFilter }],
  exports: [ProblemPages],
})
export class ProblemModule {}
