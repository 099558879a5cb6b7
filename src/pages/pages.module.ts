import { Module } from '@nestjs/common';
import { Public } from 'nest-gatehouse/auth';
import { assetsController, WebModule } from 'nest-gatehouse/web';
import { ASSETS_PATH, ServerAssets } from './server-assets.js';
import { ServerPages } from './server-pages.js';

@Module({
  imports: [WebModule],
  controllers: [assetsController(ASSETS_PATH, ServerAssets, Public())],
  providers: [ServerAssets, ServerPages],
  exports: [ServerPages],
})
export class PagesModule {}
