import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Injectable } from '@nestjs/common';
import { Eta } from 'eta';

/** What stands around every page. All of it is text. */
export interface PageFrame {
  readonly title: string;
  readonly appName: string;
  /** The way to one's account and out of it; null where there is none. */
  readonly nav: PageNav | null;
  /** Whether the page is about somebody: search engines leave it alone. */
  readonly isPersonal?: boolean;
  /** The address of a stylesheet, a script or the icon by its name, as `AssetSet` has it. */
  readonly asset: (name: string) => string;
}

export interface PageNav {
  readonly links: readonly PageLink[];
  readonly signOut: SignOutForm | null;
}

export interface PageLink {
  readonly href: string;
  readonly label: string;
  /** Whether it leads to the page that it stands on. */
  readonly isCurrent?: boolean;
}

export interface SignOutForm {
  readonly action: string;
  /** For the form's `_csrf`; null where the session has none. */
  readonly csrfToken: string | null;
}

/**
 * Renders the templates of all libraries. A template is named by its library and its file: `auth/login` is `login.eta` in the folder that was added as
 * `auth`. The library's own are `web/layout`, which most pages stand in, `web/document` around it, and parts such as `web/alert`. What a template prints
 * with `<%=` is escaped.
 */
@Injectable()
export class Pages {
  readonly #eta = new FolderEta();

  constructor() {
    this.addFolder('web', new URL('.', import.meta.url));
  }

  /** @param folder its address ends in `/` */
  addFolder(library: string, folder: URL): void {
    this.#eta.folders.set(library, folder);
  }

  /** @param values what the template shows beside the frame */
  render(template: string, frame: PageFrame, values: Readonly<Record<string, unknown>> = {}): string {
    return this.#eta.render(template, { ...frame, ...values });
  }
}

/** Eta with a folder for each library, where it would have one for all. */
class FolderEta extends Eta {
  readonly folders = new Map<string, URL>();

  constructor() {
    super({ cache: true });
  }

  override resolvePath = (template: string): string => {
    const [library = '', ...path] = template.split('/');
    const folder = this.folders.get(library);
    if (!folder) throw new TypeError(`There is no folder for the template '${template}': call Pages.addFolder first.`);
    return fileURLToPath(new URL(`${path.join('/')}.eta`, folder));
  };

  override readFile = (path: string): string => readFileSync(path, 'utf8');
}
