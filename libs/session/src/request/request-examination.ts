import { serializeData } from '../data/values.js';
import type { SessionDoctor } from '../doctor/session-doctor.js';
import type { WorkingCopy } from './working-copy.js';

/** What is looked at of a request's session. */
export interface Examined {
  readonly object: object | undefined;
  readonly isLive: boolean;
  readonly copy: WorkingCopy;
}

/** Follows what the application does with the session of one request, for the doctor. */
export class RequestExamination {
  /** The names of controls whose promises are not settled yet. */
  readonly #pending = new Map<Promise<unknown>, string>();
  /** The session's data when its answer was decided; null if the session was not read until then, or is no JSON. */
  #decided: string | null = null;

  constructor(
    private readonly doctor: SessionDoctor,
    private readonly state: Examined,
  ) {}

  /** The application has called this control, and has the promise. */
  watch(control: string, work: Promise<unknown>): void {
    this.#pending.set(work, control);
    const settled = () => void this.#pending.delete(work);
    work.then(settled, settled);
  }

  /** The answer leaves now. */
  decided(): void {
    this.#decided = this.#text();
    const [control] = this.#pending.values();
    if (control === undefined) return;
    const message = `A handler answered before the promise of session.${control}() was settled.`;
    this.doctor.found('await_forgotten', message);
  }

  /** Whether data has changed since that neither was nor will be saved. */
  hasLateChanges(): boolean {
    const { object, isLive, copy } = this.state;
    if (!isLive || object === undefined || this.#pending.size > 0) return false;
    const text = this.#text();
    if (text === null || text === this.#decided) return false;
    return copy.record === null ? text !== '{}' : copy.draft(object) !== null;
  }

  #text(): string | null {
    const { object } = this.state;
    try {
      return object === undefined ? null : serializeData(object);
    } catch {
      return null;
    }
  }
}
