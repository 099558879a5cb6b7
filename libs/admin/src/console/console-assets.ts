import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Inject, Injectable } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { globalPathOf } from 'nest-gatehouse/common';
import { AssetSet, type AssetFiles } from 'nest-gatehouse/web';
import { CONSOLE_PREFIX } from './console.tokens.js';

const file = (name: string) => new URL(name, import.meta.url);
const installed = createRequire(import.meta.url);

const STYLES = ['frame', 'tables', 'forms', 'figures', 'charts', 'lists'];
const ISLANDS = ['console', 'dialogs', 'times', 'live', 'total', 'job', 'chart'];

/** The files that the console's pages load. Each set is complete: nothing comes from another origin. */
@Injectable()
export class ConsoleAssets extends AssetSet {
  /** Whether lit-html and uPlot are installed. Without them the pages have no script, and show and do the same. */
  readonly hasIslands: boolean;

  constructor(
    @Inject(CONSOLE_PREFIX) readonly prefix: string,
    private readonly application: ApplicationConfig,
  ) {
    const libraries = installedLibraries();
    super(consoleAssetsPath(prefix), { ...OWN, ...libraries }, application);
    this.hasIslands = libraries !== null;
  }

  /** The console's own address, below the application's global prefix and default version, such as `/admin`. */
  get root(): string {
    return globalPathOf(this.application, `/${this.prefix}`);
  }
}

export function consoleAssetsPath(prefix: string): string {
  return `${prefix}/assets`;
}

const OWN: AssetFiles = {
  'console.css': STYLES.map((name) => file(`design/${name}.css`)),
  ...Object.fromEntries(ISLANDS.map((name) => [`${name}.js`, file(`islands/${name}.js`)])),
};

/** As they are in their packages, which are optional dependencies. */
function installedLibraries(): AssetFiles | null {
  const lit = pathOf('lit-html', 'lit-html.js');
  const uplot = pathOf('uplot', 'dist/uPlot.iife.min.js');
  const uplotStyle = pathOf('uplot', 'dist/uPlot.min.css');
  if (!lit || !uplot || !uplotStyle) return null;
  return {
    'lit-html.js': lit,
    // A script that sets a variable becomes a module by what follows it.
    'uplot.js': [uplot, file('islands/uplot-export.js')],
    'uplot.css': uplotStyle,
  };
}

/** Looked up as Node does, without what the package exports for the server. */
function pathOf(name: string, path: string): URL | null {
  const folders = installed.resolve.paths(name) ?? [];
  const found = folders.map((folder) => join(folder, name, path)).find((file) => existsSync(file));
  return found === undefined ? null : pathToFileURL(found);
}
