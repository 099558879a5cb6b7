/** In milliseconds, by the clock of this browser. */
interface Ends {
  /** When the session ends if nothing more happens. */
  readonly next: number;
  /** When it ends whatever happens. */
  readonly last: number;
  /** How long it lives from its last use to `next`, or altogether where `next` is the last end. */
  readonly span: number;
}

const MIN_WARNING = 20_000;
/** How long an answer is trusted while the end is near. */
const FRESH = 10_000;

// So that this file can be imported where there are no elements.
const ElementHere = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

/**
 * `<gatehouse-timeout>` warns before the session ends because nothing happens, and extends it by one action (WCAG 2.2,
 * 2.2.1). Its own questions are marked as no use of the session, so they never keep it alive. What one tab learns, all
 * tabs know.
 *
 * | attribute | meaning |
 * |---|---|
 * | `warn` | how many seconds before the end it warns; default 120, never less than 20, and never more than half of the idle time |
 * | `src` | tells the ends of the session; default `/api/session` |
 * | `renew` | a POST to it extends the session; default `/api/session/renew` |
 * | `sign-out` | a POST to it ends the session; without it, the warning has no link to sign out |
 * | `ended` | the page to go to once the session has ended; without it, the browser stays |
 * | `reload` | load the page again when its user has extended the session, because the page would close by itself |
 *
 * It dispatches `gatehouse-extended` and `gatehouse-ended`. A session whose idle time is 20 seconds or less ends without
 * a warning, which nobody could read in time.
 */
class GatehouseTimeout extends ElementHere {
  /** What it says, for pages in other languages. `{}` is replaced by a time. */
  static words = {
    title: 'Your session is about to end',
    idle: 'It ends in {}, because nothing has happened for a while.',
    last: 'It ends in {} and cannot be extended. Save your work, then sign in again.',
    limit: 'However it is used, it ends at {}.',
    failed: 'That did not work. Try again.',
    extend: 'Continue the session',
    close: 'Close',
    signOut: 'Sign out',
  };

  #ends: Ends | null = null;
  /** When the ends were asked for last, and when they were learnt last. */
  #askedAt = 0;
  #learntAt = 0;
  #hasFailed = false;
  /** The last end whose warning was put away. */
  #closed = 0;
  #dialog: HTMLDialogElement | undefined;
  #channel: BroadcastChannel | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  connectedCallback(): void {
    // Only pages of this origin can write to it.
    this.#channel = new BroadcastChannel(`gatehouse-timeout ${this.#address('src')}`);
    this.#channel.onmessage = ({ data }: MessageEvent<Ends | null>) => {
      if (Number.isFinite(data?.next)) this.#learn(data);
      // The other tab may have asked before this one got its session.
      else if (this.#ends) this.#ask();
    };
    this.#timer = setInterval(() => this.#tick(), 1_000);
    document.addEventListener('visibilitychange', this.#ask);
    this.#ask();
  }

  disconnectedCallback(): void {
    this.#channel?.close();
    clearInterval(this.#timer);
    document.removeEventListener('visibilitychange', this.#ask);
    this.#dialog?.remove();
    this.#dialog = undefined;
  }

  /** Reads the ends again, for a page that has just got its session. Rejects if there was no answer. */
  async refresh(): Promise<void> {
    const asked = (this.#askedAt = Date.now());
    const answer = await this.#send('src', 'GET');
    const session = (await answer.json()) as Record<string, string>;
    // The header has whole seconds. An end that is taken for a bit earlier does no harm.
    const shift = asked - (Date.parse(answer.headers.get('date') ?? '') + 1_000 || asked);
    const at = (name: string) => Date.parse(session[name]!) + shift;
    const [next, last] = [at('idleExpiresAt'), at('absoluteExpiresAt')];
    const known = this.#ends;
    // The same end, computed again, may be a second off, and would be read out once more.
    const isSame = known && Math.abs(known.next - next) < 2_000;
    const fresh = { next, last, span: next - at(next < last ? 'lastSeenAt' : 'createdAt') };
    const ends = session.active ? (isSame ? known : fresh) : null;
    // An answer that a later one has overtaken is out of date.
    if (asked !== this.#askedAt) return;
    this.#learn(ends);
    this.#channel?.postMessage(ends);
  }

  readonly #ask = (): void => void this.refresh().catch(() => undefined);

  #learn(ends: Ends | null): void {
    const hasEnded = this.#ends && !ends;
    this.#ends = ends;
    this.#learntAt = Date.now();
    if (hasEnded) this.#leave();
    this.#show();
  }

  #leave(): void {
    this.#ends = null;
    this.#show();
    this.#tell('ended');
    const page = this.getAttribute('ended');
    if (page) location.assign(page);
  }

  #tick(): void {
    const { left, isDue } = this.#now();
    if (isDue && Date.now() - Math.max(this.#askedAt, this.#learntAt) >= (left > 0 ? FRESH : 1_000))
      // What cannot be asked is over when it should be over.
      this.refresh().catch(() => left > 0 || this.#leave());
    else this.#show();
  }

  #now() {
    const { next, last, span } = this.#ends ?? { next: Infinity, last: 0, span: 0 };
    const wished = Math.max(MIN_WARNING, 1_000 * (Number(this.getAttribute('warn')) || 120));
    const warning = span > MIN_WARNING ? Math.max(MIN_WARNING, Math.min(wished, span / 2)) : 0;
    const left = next - Date.now();
    return { left, isDue: left <= warning, isLast: next >= last, last };
  }

  /** Opens, updates or closes the warning. */
  #show(): void {
    const { left, isDue, isLast, last } = this.#now();
    // The same end may be computed a second apart.
    const isClosed = isLast && Math.abs(last - this.#closed) < FRESH;
    if (!isDue || left <= 0 || isClosed) {
      this.#hasFailed = false;
      this.#dialog?.close();
      return;
    }
    const dialog = (this.#dialog ??= this.#build());
    const { words } = GatehouseTimeout;
    const [text, limit, button] = ['p', 'p + p', 'button'].map((part) => dialog.querySelector<HTMLElement>(part)!);
    const said = (isLast ? words.last : words.idle).replace('{}', inWords(left));
    // Whoever listens would hear the same text again each time it is set.
    write(text!, this.#hasFailed ? words.failed : said);
    write(
      limit!,
      isLast
        ? ''
        : words.limit.replace('{}', new Date(last).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })),
    );
    write(button!, isLast ? words.close : words.extend);
    if (!dialog.open) dialog.showModal();
  }

  #build(): HTMLDialogElement {
    const { words } = GatehouseTimeout;
    const add = <K extends keyof HTMLElementTagNameMap>(name: K, to: HTMLElement, text = '', id = '') => {
      const element = document.createElement(name);
      element.textContent = text;
      if (id) element.id = `gatehouse-timeout-${id}`;
      to.append(element);
      return element;
    };
    const dialog = add('dialog', this);
    dialog.setAttribute('role', 'alertdialog');
    dialog.setAttribute('aria-labelledby', add('h2', dialog, words.title, 'title').id);
    const text = add('p', dialog, '', 'text');
    text.setAttribute('aria-live', 'polite');
    dialog.setAttribute('aria-describedby', text.id);
    add('p', dialog);
    add('button', dialog).onclick = () => void this.#act();
    dialog.oncancel = (event) => {
      event.preventDefault();
      void this.#act();
    };
    const signOut = this.getAttribute('sign-out');
    if (signOut) {
      const link = add('a', dialog, words.signOut);
      link.href = signOut;
      link.onclick = (event) => {
        event.preventDefault();
        void this.#try(() => this.#send('sign-out', 'POST'));
      };
    }
    return dialog;
  }

  /** What the button does, and the Escape key. */
  async #act(): Promise<void> {
    const { isLast, last } = this.#now();
    if (isLast) this.#closed = last;
    else if (await this.#try(() => this.#send('renew', 'POST'))) {
      this.#tell('extended');
      if (this.hasAttribute('reload')) location.reload();
    }
    this.#show();
  }

  /** @returns whether it worked, and there is a session after it */
  async #try(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      await this.refresh();
      this.#hasFailed = false;
    } catch {
      this.#hasFailed = true;
      this.#show();
    }
    return !this.#hasFailed && this.#ends !== null;
  }

  async #send(attribute: string, method: string): Promise<Response> {
    const headers = { accept: 'application/json', ...(method === 'GET' && { 'x-session-passive': '1' }) };
    const signal = AbortSignal.timeout(FRESH);
    const answer = await fetch(this.#address(attribute), { method, headers, signal, cache: 'no-store' });
    // 401: there is no session any more, as the next question will say.
    if (!answer.ok && answer.status !== 401) throw new Error(`${answer.status}`);
    return answer;
  }

  #address(attribute: string): string {
    return this.getAttribute(attribute) ?? `/api/session${attribute === 'src' ? '' : `/${attribute}`}`;
  }

  #tell(what: string): void {
    this.dispatchEvent(new Event(`gatehouse-${what}`, { bubbles: true }));
  }
}

function write(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** In steps, so that it is not read out every second, and never more than is left. */
function inWords(milliseconds: number): string {
  const step = milliseconds > 15_000 ? 15 : 5;
  const seconds = Math.floor(milliseconds / 1_000 / step) * step;
  const minutes = Math.floor(seconds / 60);
  return [minutes && `${minutes} min`, (seconds % 60 || !minutes) && `${seconds % 60} s`].filter(Boolean).join(' ');
}

globalThis.customElements?.define('gatehouse-timeout', GatehouseTimeout);

export { GatehouseTimeout };
