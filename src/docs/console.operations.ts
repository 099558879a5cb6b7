import { page, redirect, type Answer, type Operation, type Operations, type Refusal } from './operation.js';
import { file } from './page.operations.js';

const RECENT: Refusal = { status: 401, codes: ['recent_auth_required'] };
const CONFIRMATION: Refusal = { status: 400, codes: ['confirmation_wrong'] };
const FILTER: Refusal = { status: 400, codes: ['filter_invalid', 'cursor_invalid'] };
const NO_SESSION: Refusal = { status: 404, codes: ['session_not_found'] };
const NO_USER: Refusal = { status: 404, codes: ['user_not_found', 'not_found'] };
const NO_KEYS: Refusal = { status: 404, codes: ['not_installed'] };
const NO_KEY: Refusal = { status: 404, codes: ['api_key_not_found', 'not_installed'] };

function show(summary: string, ...refusals: Refusal[]): Operation {
  return { group: 'Console', access: 'admin', summary, answers: [page('The page.')], refusals };
}

/** Asks for a confirmation; without a recent sign-in a browser is asked for its password first. */
function ask(summary: string, ...refusals: Refusal[]): Operation {
  return show(summary, RECENT, ...refusals);
}

/** Carries out what was confirmed. A refusal is the same page again. */
function act(summary: string, answer: Answer, ...refusals: Refusal[]): Operation {
  return { group: 'Console', access: 'admin', summary, answers: [answer], refusals: [RECENT, ...refusals] };
}

/** The web console. Without JavaScript it shows and does the same. */
export const consoleOperations: Operations = {
  'GET /admin': show('What happens now.'),
  'GET /admin/sessions': show('Everybody’s sessions, by the conditions of `GET /admin/api/sessions`.', FILTER),
  'GET /admin/sessions/end': ask('How many sessions match, before they are ended.', FILTER),
  'POST /admin/sessions/end': act('End all that were counted.', redirect('the page of the job'), CONFIRMATION, FILTER),
  'GET /admin/sessions/jobs/{id}': show('How far a job is.', { status: 404, codes: ['job_not_found'] }),
  'GET /admin/sessions/{handle}': show('One session, and why it ended.', NO_SESSION),
  'GET /admin/sessions/{handle}/end': ask('Before a session is ended.', NO_SESSION),
  'POST /admin/sessions/{handle}/end': act('End a session.', redirect('where it was asked for'), NO_SESSION),
  'POST /admin/sessions/{handle}/extend': {
    ...show('Extend a session.', NO_SESSION, { status: 409, codes: ['session_ended'] }),
    answers: [redirect('the page of the session')],
  },
  'GET /admin/users': show('Accounts.', FILTER),
  'GET /admin/users/new': ask('Before an account is added.'),
  'POST /admin/users/new': act('Add an account.', page('The one-time password, shown once.'), {
    status: 400,
    codes: ['username_invalid', 'roles_invalid'],
  }),
  'GET /admin/users/{id}': show('One account.', NO_USER),
  'GET /admin/users/{id}/{action}': ask(
    'Before an account is changed: `disable`, `enable`, `unlock`, `roles`, `require-password-change`, `end-sessions` or `delete`.',
    NO_USER,
  ),
  'POST /admin/users/{id}/{action}': act(
    'Change an account.',
    redirect('the page of the account'),
    CONFIRMATION,
    NO_USER,
    {
      status: 409,
      codes: ['last_administrator'],
    },
  ),
  'GET /admin/api-keys': show('API keys.', FILTER, NO_KEYS),
  'GET /admin/api-keys/new': ask('Before a key is created.', NO_KEYS),
  'POST /admin/api-keys/new': act('Create a key.', page('The key, shown once.'), NO_KEYS, {
    status: 400,
    codes: ['namespace_invalid', 'scopes_invalid', 'owner_invalid', 'expires_at_invalid'],
  }),
  'GET /admin/api-keys/{id}/rotate': ask('Before a key is rotated.', NO_KEY),
  'POST /admin/api-keys/{id}/rotate': act('Rotate a key.', page('The key, shown once.'), NO_KEY, {
    status: 400,
    codes: ['overlap_invalid'],
  }),
  'GET /admin/api-keys/{id}/revoke': ask('Before a key is revoked.', NO_KEY),
  'POST /admin/api-keys/{id}/revoke': act('Revoke a key.', redirect('the list of keys'), NO_KEY),
  'GET /admin/hits': show('Counted requests, by hour or day, by route, by agent.', {
    status: 404,
    codes: ['not_installed'],
  }),
  'GET /admin/audit': show('The audit trail, by the conditions of `GET /admin/api/audit`.', FILTER),
  'GET /admin/policy': show('What is in force.'),
  'GET /admin/doctor': show('What is set up wrong.'),
  'GET /admin/assets/{file}': file('What these pages load.', 'text/javascript'),
};
