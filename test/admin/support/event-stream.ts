/** A stream of server-sent events, read as a browser would. */
export class EventStream {
  readonly messages: unknown[] = [];
  /** Everything that was sent. */
  text = '';
  readonly ended: Promise<void>;
  #waiting: (() => void)[] = [];
  #hasEnded = false;

  private constructor(
    readonly response: Response,
    private readonly controller: AbortController,
  ) {
    this.ended = this.#read();
  }

  static async open(url: string, headers: Record<string, string>): Promise<EventStream> {
    const controller = new AbortController();
    const response = await fetch(url, { headers, redirect: 'manual', signal: controller.signal });
    return new EventStream(response, controller);
  }

  /** Resolves to the message of this number, from 0, once it has come. @throws Error if the stream ends before */
  async message<T = Record<string, unknown>>(number: number): Promise<T> {
    while (this.messages.length <= number) {
      if (this.#hasEnded) throw new Error(`The stream has ended after ${this.messages.length} messages.`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return this.messages[number] as T;
  }

  /** Resolves once what was sent satisfies this. @throws Error if the stream ends before */
  async settled(isEnough: (text: string) => boolean): Promise<void> {
    while (!isEnough(this.text)) {
      if (this.#hasEnded) throw new Error('The stream has ended before.');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  close(): void {
    this.controller.abort();
  }

  async #read(): Promise<void> {
    try {
      const decoder = new TextDecoder();
      for await (const bytes of this.response.body as unknown as AsyncIterable<Uint8Array>) {
        this.text += decoder.decode(bytes, { stream: true });
        const complete = this.text.split('\n\n').slice(0, -1);
        const data = complete.filter((event) => event.startsWith('data: '));
        for (const event of data.slice(this.messages.length)) this.messages.push(JSON.parse(event.slice(6)));
        this.#wake();
      }
    } catch {
      // Closed by the test, or cut off.
    }
    this.#hasEnded = true;
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
