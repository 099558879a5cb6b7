import { ACCOUNT_STYLES } from './account.styles.js';
import { BASE_STYLES } from './base.styles.js';
import { CONTROL_STYLES } from './control.styles.js';
import { PEOPLE_STYLES } from './people.styles.js';

/** The look of the library's pages, for pages of the application's own. */
export const PAGE_STYLESHEET = [BASE_STYLES, CONTROL_STYLES, ACCOUNT_STYLES, PEOPLE_STYLES].join('\n');
