import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { AssetAnswers } from './assets/asset-answers.js';
import { HandlerRoutes } from 'nest-gatehouse/common';
import { Pages } from './pages.js';

/**
 * Pages, the files they load, and the list of routes. Every module that has pages imports it, so that they share its
 * providers.
 */
@Module({
  imports: [DiscoveryModule],
  providers: [AssetAnswers, HandlerRoutes, Pages],
  exports: [AssetAnswers, HandlerRoutes, Pages],
})
export class WebModule {}
