/** The data of a session in these tests. */
export type Data = Readonly<Record<string, number>>;

/** What was asked, and what was answered. Sessions, secrets and requests have numbers. */
export type Asked =
  | { readonly does: 'create'; readonly session: number; readonly secret: number }
  | { readonly does: 'open'; readonly session: number; readonly secret: number; found: Data | null }
  | { readonly does: 'save'; readonly session: number; readonly set: Data; answer: Saved }
  /** As the answer leaves; `at` is the time by which the idle end moves. */
  | { readonly does: 'commit'; readonly session: number; readonly set: Data; readonly at: number; answer: Saved }
  | { readonly does: 'add'; readonly session: number; readonly key: string; answer: number | 'gone' }
  /** `at` is the time by which the grace begins; the answer is the secret that the client was given, null: none. */
  | { readonly does: 'rotate'; readonly session: number; readonly at: number; answer: number | null | 'gone' }
  | { readonly does: 'lock'; readonly session: number; answer: Data | 'gone' | 'conflict' | 'refused' }
  /** Saves what was changed under the lock, and releases it. */
  | { readonly does: 'release'; readonly session: number; readonly set: Data; answer: Saved }
  /** Whether this call ended it; undefined where the caller is not told. */
  | { readonly does: 'end'; readonly session: number; answer: boolean | undefined }
  | { readonly does: 'raise' }
  | { readonly does: 'pass'; readonly milliseconds: number }
  /** What is stored when all is over. */
  | { readonly does: 'find'; readonly session: number; found: Data | null };

export type Saved = 'saved' | 'gone' | 'conflict';

export interface Call {
  readonly by: string;
  /** Which request of all it belongs to. */
  readonly request: number;
  readonly asked: Asked;
  readonly begun: number;
  answered: number;
}

/** Who asked what, and when it was answered. */
export class History {
  readonly calls: Call[] = [];
  #moments = 0;

  /** Notes a call that begins now. The work fills in what is answered. */
  async note<A extends Asked, T>(by: string, request: number, asked: A, work: (asked: A) => T): Promise<Awaited<T>> {
    const call = this.begin(by, request, asked);
    try {
      return await work(asked);
    } finally {
      this.answer(call);
    }
  }

  begin(by: string, request: number, asked: Asked): Call {
    const call = { by, request, asked, begun: this.#moments++, answered: Number.POSITIVE_INFINITY };
    this.calls.push(call);
    return call;
  }

  answer(call: Call): void {
    call.answered = this.#moments++;
  }
}

/** One line for each call: from which moment to which, by whom, and what. */
export function linesOf(calls: readonly Call[]): string[] {
  return calls.map(({ by, request, asked, begun, answered }) => {
    const { does, ...rest } = asked;
    const facts = Object.entries(rest).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
    const when = `${String(begun).padStart(3)} to ${String(answered).padStart(3)}`;
    return `${when}  ${by}, request ${request}: ${does}  ${facts.join(', ')}`;
  });
}
