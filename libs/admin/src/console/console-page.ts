import type { Section } from './sections.js';

/** A page of the console and what its template shows. All of it is text, never markup. */
export interface ConsolePage {
  /** Below this folder, without its ending, such as `sessions/sessions`. */
  readonly template: string;
  /** The heading. */
  readonly title: string;
  readonly section: Section;
  readonly values?: Readonly<Record<string, unknown>>;
  /** The islands beside the common one. */
  readonly scripts?: readonly string[];
  /** Stylesheets beside the common one: those of the islands. */
  readonly styles?: readonly string[];
  /** Loads itself again after so many seconds: for what goes on, where no script runs. */
  readonly reloadAfter?: number;
}

/** Something that is about to be done: it is confirmed on a page of its own, which scripts show as a dialog. */
export interface ActionPage {
  readonly section: Section;
  /** The heading. */
  readonly title: string;
  /** What will happen, and to what. */
  readonly lead: string;
  /** What the button says: what it does, to what, and to how many; null if there is nothing to do. */
  readonly button: string | null;
  readonly isDangerous?: boolean;
  /** What must be typed before it is done; absent if nothing. */
  readonly typed?: { readonly label: string; readonly expected: string };
  readonly fields?: readonly ActionField[];
  /** Sent along as it is. */
  readonly hidden?: Readonly<Record<string, string>>;
  /** Where to return without doing it, below the console. */
  readonly back: string;
}

export interface ActionField {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly type: 'text' | 'datetime-local' | 'choices';
  readonly value?: string;
  /** Of `choices`. */
  readonly options?: readonly { readonly value: string; readonly label: string; readonly isChosen?: boolean }[];
  readonly isRequired?: boolean;
}
