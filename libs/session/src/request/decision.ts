import type { Draft } from '../data/values.js';

/** What becomes of the session at the end of its request. */
export type Decision =
  /** It is over, and the client is told so. */
  | { readonly word: 'farewell' }
  /** It is stored for the first time. */
  | { readonly word: 'first'; readonly text: string }
  /** Its data is saved, and its idle end moved. */
  | { readonly word: 'changed'; readonly draft: Draft; readonly touches: boolean; readonly renews: boolean }
  /** Its idle end is moved. */
  | { readonly word: 'touched'; readonly renews: boolean }
  /** Its secret is swapped, because it has got old. */
  | { readonly word: 'renewed' }
  /** Nothing is written. */
  | { readonly word: 'nothing' };

export const FAREWELL: Decision = { word: 'farewell' };
export const RENEWED: Decision = { word: 'renewed' };
export const NOTHING: Decision = { word: 'nothing' };
