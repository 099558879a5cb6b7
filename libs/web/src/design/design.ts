import type { AssetFiles } from './asset-files.js';

const file = (name: string) => new URL(name, import.meta.url);

/** The design of the pages: `design.css` is all of it, `tokens.css` only the colours and fonts. */
export const DESIGN = {
  'design.css': [file('tokens.css'), file('base.css'), file('controls.css')],
  'tokens.css': file('tokens.css'),
  'favicon.svg': file('favicon.svg'),
} satisfies AssetFiles;
