import { codeBody } from '../sessions/code.controller.js';
import { answers } from './answers.js';
import { json, nothing, type Operations } from './operation.js';

export const serverOperations: Operations = {
  'GET /api/code': {
    group: 'Session',
    summary: 'The value in the visitor’s session.',
    access: 'anybody',
    answers: [json(answers.code, 'The value, or null.')],
  },
  'POST /api/code': {
    group: 'Session',
    summary: 'Keep a value in the session; opens one at need.',
    access: 'anybody',
    body: codeBody,
    answers: [json(answers.codeSet, 'Kept.')],
    refusals: [
      { status: 400, codes: ['code_missing', 'code_invalid'] },
      { status: 401, codes: ['session_ended'] },
      { status: 413, codes: ['session_too_large'] },
      { status: 429, codes: ['too_many_sessions'] },
    ],
  },
  'GET /api/session': {
    group: 'Session',
    summary: 'The visitor’s session.',
    access: 'anybody',
    answers: [json(answers.session, 'What there is to know of it.')],
  },
  'POST /api/session/renew': {
    group: 'Session',
    summary: 'A new secret for the same session.',
    access: 'anybody',
    answers: [nothing('Renewed; the cookie is in the answer.')],
    refusals: [{ status: 401, codes: ['no_session'] }],
  },
  'POST /api/session/end': {
    group: 'Session',
    summary: 'End the session. Also without one.',
    access: 'anybody',
    answers: [nothing('Ended; the cookie is cleared.')],
  },
  'GET /api/hits': {
    group: 'Server',
    summary: 'How many requests there have been.',
    access: 'anybody',
    answers: [json(answers.hits, 'All that were answered, by all servers on the store.')],
  },
  'GET /health/live': {
    group: 'Server',
    summary: 'Whether the process runs.',
    access: 'anybody',
    usesStore: false,
    answers: [json(answers.live, 'It does.')],
  },
  'GET /health/ready': {
    group: 'Server',
    summary: 'Whether requests can be served now.',
    access: 'anybody',
    usesStore: false,
    answers: [json(answers.ready, 'They can.')],
    refusals: [{ status: 503, codes: ['not_ready'] }],
  },
};
