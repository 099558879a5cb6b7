import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { AssetAnswers } from './assets/asset-answers.js';
import { HandlerRoutes } from './handler-routes.js';
import { Pages } from './pages.js';

/** Pages, the files they load, and the routes there are. To be imported by every module that has pages: they share what it provides. */
@Module({
  imports: [DiscoveryModule],
  providers: [AssetAnswers, HandlerRoutes, Pages],
  exports: [AssetAnswers, HandlerRoutes, Pages],
})
export class WebModule {}
