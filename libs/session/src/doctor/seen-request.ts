import type { IncomingHttpHeaders } from 'node:http';
import { platformView } from 'nest-gatehouse/common';

/** What Express and Fastify requests have in common, trusted proxies included. */
export interface ExaminedRequest {
  readonly headers: IncomingHttpHeaders;
  readonly url?: string;
  readonly originalUrl?: string;
  readonly hostname?: string;
}

const FORWARDING = ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'forwarded', 'via'];

/** A request as its browser made it; null for what a proxy in front may have changed on the way. */
export class SeenRequest {
  readonly headers: IncomingHttpHeaders;

  constructor(private readonly request: ExaminedRequest) {
    this.headers = request.headers;
  }

  /** A proxy may serve this application at another path. */
  get path(): string | null {
    if (this.#isForwarded) return null;
    return (this.request.originalUrl ?? this.request.url ?? '/').split('?', 1)[0]!;
  }

  /** In lower case, without the port. A proxy may name itself here, unless it forwards the host and is trusted. */
  get host(): string | null {
    const host = platformView(this.request).hostname?.toLowerCase() ?? null;
    if (!this.#isForwarded || host === null) return host;
    return this.#first('x-forwarded-host')?.replace(/:\d+$/, '').toLowerCase() === host ? host : null;
  }

  /** Whether somebody in front says that the browser's connection is secure. */
  get isSaidToBeHttps(): boolean {
    const said =
      this.#first('x-forwarded-proto') ?? /(?:^|[;,\s])proto="?(\w+)/i.exec(this.#first('forwarded') ?? '')?.[1];
    return said?.toLowerCase() === 'https';
  }

  /** A call of a script in a page of another origin, by Fetch Metadata; null for anything else. */
  get foreignCall(): 'same-site' | 'cross-site' | null {
    const { 'sec-fetch-site': site, 'sec-fetch-mode': mode } = this.headers;
    return mode === 'cors' && (site === 'same-site' || site === 'cross-site') ? site : null;
  }

  /** Distinguishes this browser's page from others, as well as that can be seen. */
  get caller(): string {
    const { origin = '', 'user-agent': agent = '' } = this.headers;
    return `${origin} ${agent}`.slice(0, 512);
  }

  get #isForwarded(): boolean {
    return FORWARDING.some((name) => this.headers[name] !== undefined);
  }

  #first(name: string): string | undefined {
    return [this.headers[name]].flat()[0]?.split(',', 1)[0]?.trim();
  }
}
