import { Inject, Injectable } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { AssetSet } from 'nest-gatehouse/web';
import { AUTH_EXTRAS, type AuthModuleExtras } from '../auth.tokens.js';

const file = (name: string) => new URL(name, import.meta.url);

/** The files that the pages load. */
@Injectable()
export class AuthAssets extends AssetSet {
  constructor(@Inject(AUTH_EXTRAS) { prefix }: Pick<AuthModuleExtras, 'prefix'>, application: ApplicationConfig) {
    super(assetsPath(prefix), { 'account.css': file('account.css') }, application);
  }
}

export function assetsPath(prefix: string): string {
  return `${prefix}/assets`;
}
