import { pageQuery } from 'nest-gatehouse/common';
import { page, redirect, type Access, type Operation, type Operations } from './operation.js';

const CURSOR = [{ status: 400, codes: ['limit_invalid', 'cursor_invalid'] }];

/** A page that needs a sign-in answers a browser with 303 instead of 401. */
function show(summary: string, access: Access, more: Partial<Operation> = {}): Operation {
  return { group: 'Pages', summary, access, answers: [page('The page.')], ...more };
}

export function file(summary: string, type: `${string}/${string}`): Operation {
  return {
    group: 'Pages',
    summary,
    access: 'anybody',
    usesStore: false,
    answers: [
      { status: 200, description: 'The file.', content: type, headers: { ETag: 'of its content' } },
      { status: 304, description: 'The browser has it.', content: 'nothing' },
    ],
    refusals: [{ status: 404, codes: ['not_found'] }],
  };
}

export const homeOperations: Operations = {
  'GET /': show('The home page.', 'anybody'),
  'GET /assets/{file}': file('What the home page loads.', 'text/css'),
};

export const docsOperations: Operations = {
  'GET /docs': show('This description, to read and to try.', 'anybody'),
  'GET /docs-json': {
    group: 'Server',
    summary: 'This description, for programs (OpenAPI 3.1).',
    access: 'anybody',
    answers: [{ status: 200, description: 'The document.', content: 'application/json' }],
  },
  'GET /docs/assets/{file}': file('What the page of this description loads.', 'text/javascript'),
};

export const accountPageOperations: Operations = {
  'GET /login': show('Sign in.', 'anybody'),
  'GET /reauthenticate': show('The password again.', 'user'),
  'GET /account/closed': show('Takes the place of a page whose session is over.', 'anybody', { usesStore: false }),
  'GET /account': show('The account.', 'user'),
  'GET /account/password': show('Change the password.', 'user, password to be changed'),
  'GET /account/sessions': show('The user’s sessions.', 'user', { query: pageQuery, refusals: CURSOR }),
  'GET /staff': {
    ...show('Leads to the console.', 'admin'),
    answers: [redirect('the sessions of the console')],
  },
  'GET /auth/assets/{file}': file('What these pages load.', 'text/css'),
};
