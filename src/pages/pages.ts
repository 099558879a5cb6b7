import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { Eta } from 'eta';
import { Assets } from './assets.js';
import { packageRoot } from './package-root.js';

/** Server-rendered pages. What a template prints with `<%=` is escaped. */
@Injectable()
export class Pages {
  readonly #eta = new Eta({ views: join(packageRoot, 'src/web'), cache: true });

  constructor(private readonly assets: Assets) {}

  render(name: string, values: Readonly<Record<string, unknown>>): string {
    return this.#eta.render(`./${name}`, { ...values, asset: (file: string) => this.assets.urlOf(file) });
  }
}
