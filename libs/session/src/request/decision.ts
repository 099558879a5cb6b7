import type { Draft } from '../data/values.js';

/** What is done with the session at the end of its request. */
export type Decision =
  /** It has ended, and the answer tells the client so. */
  | { readonly word: 'farewell' }
  /** It is stored for the first time. */
  | { readonly word: 'first'; readonly text: string }
  /** Its data is saved; `touches`: its idle end is moved too. */
  | { readonly word: 'changed'; readonly draft: Draft; readonly touches: boolean; readonly renews: boolean }
  /** Its idle end is moved. */
  | { readonly word: 'touched'; readonly renews: boolean }
  /** Its secret is swapped because it is older than `renewAfter`. */
  | { readonly word: 'renewed' }
  /** Nothing is written. */
  | { readonly word: 'nothing' };

export const FAREWELL: Decision = { word: 'farewell' };
export const RENEWED: Decision = { word: 'renewed' };
export const NOTHING: Decision = { word: 'nothing' };
