import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Injectable } from '@nestjs/common';
import { Eta } from 'eta';

/** The common parts of every page. All of it is text, never markup. */
export interface PageFrame {
  readonly title: string;
  readonly appName: string;
  /** Where the application's name leads. Default `/`. */
  readonly home?: string;
  /** Links to the account and the sign-out form; null if there are none. */
  readonly nav: PageNav | null;
  /** Whether the page shows somebody's data, so that search engines must not index it. */
  readonly isPersonal?: boolean;
  /** Warns the user before the session ends because nothing happens; absent if nothing does. */
  readonly warning?: TimeoutWarning;
  /**
   * The URL of a stylesheet, a script or the icon by its name: the base path of the request (`basePathOf`), then
   * `AssetSet.urlOf`.
   */
  readonly asset: (name: string) => string;
}

/** How the element of `nest-gatehouse/client/timeout` stands on a page. */
export interface TimeoutWarning {
  /** The URL of its script. */
  readonly script: string;
  /** The URLs that tell the ends of the session and extend it. Default: as the element has them. */
  readonly src?: string;
  readonly renew?: string;
  /** Where a POST signs out; absent if nobody is signed in. */
  readonly signOut?: string | undefined;
  /** The page to go to once the session has ended; absent if the browser stays. */
  readonly ended?: string;
  /** Whether the page has a `Refresh` header, and must be loaded again once the session was extended. */
  readonly reloads?: boolean;
}

export interface PageNav {
  readonly links: readonly PageLink[];
  readonly signOut: SignOutForm | null;
}

export interface PageLink {
  readonly href: string;
  readonly label: string;
  /** Whether it leads to the current page. */
  readonly isCurrent?: boolean;
}

export interface SignOutForm {
  readonly action: string;
  /** For the form's `_csrf`; null if the session has none. */
  readonly csrfToken: string | null;
}

/**
 * Renders the templates of all libraries. A template is named by its library and its file: `auth/login` is `login.eta`
 * in the folder that was added as `auth`. The library's own are `web/layout`, which most pages use, `web/document`
 * around it, and parts such as `web/alert`. What a template prints with `<%=` is escaped.
 */
@Injectable()
export class Pages {
  readonly #eta = new FolderEta();

  constructor() {
    this.addFolder('web', new URL('.', import.meta.url));
  }

  /** @param folder must end in `/` */
  addFolder(library: string, folder: URL): void {
    this.#eta.folders.set(library, folder);
  }

  /** @param values the values for the template beside the frame */
  render(template: string, frame: PageFrame, values: Readonly<Record<string, unknown>> = {}): string {
    return this.#eta.render(template, { ...frame, ...values });
  }
}

/** Eta with a folder for each library instead of a single one. */
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
