import { Module } from '@nestjs/common';
import { AssetAnswers } from './asset-answers.js';
import { Assets } from './assets.js';
import { AssetsController } from './assets.controller.js';
import { Pages } from './pages.js';

@Module({ controllers: [AssetsController], providers: [AssetAnswers, Assets, Pages], exports: [AssetAnswers, Pages] })
export class PagesModule {}
