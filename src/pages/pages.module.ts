import { Module } from '@nestjs/common';
import { Assets } from './assets.js';
import { AssetsController } from './assets.controller.js';
import { Pages } from './pages.js';

@Module({ controllers: [AssetsController], providers: [Assets, Pages], exports: [Pages] })
export class PagesModule {}
