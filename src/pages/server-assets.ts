import { Injectable } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { AssetSet } from 'nest-gatehouse/web';

const file = (name: string) => new URL(`../${name}`, import.meta.url);

/** The files that this server's pages load. */
export const ASSETS_PATH = 'assets';

@Injectable()
export class ServerAssets extends AssetSet {
  constructor(application: ApplicationConfig) {
    const files = {
      'home.css': file('home/home.css'),
      'home.js': file('home/home.js'),
      'timeout.js': new URL(import.meta.resolve('nest-gatehouse/client/timeout')),
      'problem.css': file('http/problem.css'),
    };
    super(ASSETS_PATH, files, application);
  }
}
