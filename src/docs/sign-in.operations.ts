import { loginBody, passwordBody, reauthenticateBody } from 'nest-gatehouse/auth/http';
import { pageQuery } from 'nest-gatehouse/common';
import { answers } from './answers.js';
import { json, nothing, redirect, type Operations, type Refusal } from './operation.js';

const CREDENTIALS: readonly Refusal[] = [
  { status: 401, codes: ['invalid_credentials'] },
  { status: 429, codes: ['too_many_attempts'] },
  { status: 503, codes: ['busy'] },
];

/**
 * Refusals of routes that swap the secret: the session has ended meanwhile, or the request came with the secret from
 * before the last renewal.
 */
const CURRENT_SECRET: readonly Refusal[] = [
  { status: 401, codes: ['session_ended'] },
  { status: 409, codes: ['conflict'] },
];

/** Applies if `END_SESSIONS_NEED_RECENT_AUTH` is set. */
const RECENT: Refusal = { status: 401, codes: ['recent_auth_required'] };

export const signInOperations: Operations = {
  'POST /auth/login': {
    group: 'Sign in',
    summary: 'Sign in: a new session, in place of the one before.',
    access: 'anybody',
    body: loginBody,
    answers: [json(answers.signedIn, 'Signed in; the cookie is in the answer.'), redirect('`next`, or the home page')],
    refusals: [
      ...CREDENTIALS,
      {
        status: 400,
        codes: ['username_missing', 'password_missing', 'remember_invalid', 'body_invalid', 'too_many_tokens'],
      },
      { status: 409, codes: ['session_limit'] },
    ],
  },
  'POST /auth/logout': {
    group: 'Sign in',
    summary: 'Sign out: the session ends everywhere at once. Also without one.',
    access: 'anybody',
    answers: [
      { ...nothing('Signed out.'), headers: { 'Clear-Site-Data': '`"cache", "storage"`' } },
      redirect('the home page'),
    ],
  },
  'GET /auth/me': {
    group: 'Sign in',
    summary: 'Who is signed in.',
    access: 'user, password to be changed',
    answers: [json(answers.signedIn, 'The account as it is now, and this session.')],
  },
  'POST /auth/reauthenticate': {
    group: 'Sign in',
    summary: 'The password again, for what wants a recent one.',
    access: 'user',
    body: reauthenticateBody,
    answers: [nothing('Confirmed; the session has a new secret.'), redirect('`next`, or the home page')],
    refusals: [...CREDENTIALS, ...CURRENT_SECRET, { status: 400, codes: ['password_missing', 'body_invalid'] }],
  },
  'POST /auth/password': {
    group: 'Account',
    summary: 'Change the password. The user’s other sessions end.',
    access: 'user, password to be changed',
    body: passwordBody,
    answers: [nothing('Changed; the session has a new secret.'), redirect('`next`, or the account')],
    refusals: [
      ...CREDENTIALS,
      ...CURRENT_SECRET,
      {
        status: 400,
        codes: ['current_password_missing', 'new_password_missing', 'new_password_invalid', 'body_invalid'],
      },
      { status: 422, codes: ['password_rejected'] },
    ],
  },
  'GET /auth/sessions': {
    group: 'Account',
    summary: 'The user’s live sessions, newest first.',
    access: 'user',
    query: pageQuery,
    answers: [json(answers.mySessions, 'A page of them; `next` is the `cursor` of the page after it.')],
    refusals: [{ status: 400, codes: ['limit_invalid', 'cursor_invalid'] }],
  },
  'DELETE /auth/sessions': {
    group: 'Account',
    summary: 'End all the user’s sessions but this one.',
    access: 'user',
    answers: [json(answers.ended, 'How many have ended.')],
    refusals: [RECENT, ...CURRENT_SECRET],
  },
  'DELETE /auth/sessions/{handle}': {
    group: 'Account',
    summary: 'End one of the user’s sessions.',
    access: 'user',
    answers: [nothing('Ended.')],
    refusals: [RECENT, { status: 404, codes: ['session_not_found'] }],
  },
  'POST /auth/sessions/end': {
    group: 'Account',
    summary: 'The same for forms.',
    access: 'user',
    answers: [json(answers.ended, 'How many have ended.'), redirect('the page of sessions')],
    refusals: [RECENT, ...CURRENT_SECRET],
  },
  'POST /auth/sessions/{handle}/end': {
    group: 'Account',
    summary: 'The same for forms.',
    access: 'user',
    answers: [nothing('Ended.'), redirect('the page of sessions')],
    refusals: [RECENT, { status: 404, codes: ['session_not_found'] }],
  },
};
