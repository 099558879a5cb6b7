import {
  batchBody,
  getQuery,
  listQuery,
  newBody,
  patchBody,
  sessionQuery,
  updateBody,
  userQuery,
} from 'nest-gatehouse/sessman/http';
import { answers } from './answers.js';
import { json, nothing, type Answer, type Operation, type Operations, type Refusal } from './operation.js';

const ETAG = { ETag: 'The version, in double quotes.' };
const VERSION = { 'If-Match': 'The ETag that the session must still have.' };
const KEY = { 'Idempotency-Key': 'Unique for each request; repetitions of it get the first answer.' };
const NOT_FOUND: Refusal = { status: 404, codes: ['session_not_found'] };
const CHANGED: readonly Refusal[] = [NOT_FOUND, { status: 412, codes: ['version_mismatch'] }];
const TOO_LARGE: Refusal = { status: 413, codes: ['session_too_large'] };
const IF_MATCH: Refusal = { status: 400, codes: ['if_match_invalid'] };
const ONCE: readonly Refusal[] = [
  { status: 400, codes: ['idempotency_key_invalid'] },
  { status: 409, codes: ['idempotency_in_progress'] },
  { status: 422, codes: ['idempotency_key_reused'] },
];

/** What the description says of `ttl`; the server's own bound is `SESSION_TTL_MAX`. */
const THIRTY_DAYS = 30 * 86_400_000;

const get: Operation = {
  group: 'Programs',
  summary: 'A session of the key’s namespace. Does not reset its expiry.',
  access: 'API key, sessions:read',
  query: getQuery,
  answers: [session('The session.')],
  refusals: [NOT_FOUND],
};

export const programOperations: Operations = {
  'POST /sessman/new': {
    group: 'Programs',
    summary: 'A new session for a user of the program. With an `Idempotency-Key` repetitions get the first answer.',
    access: 'API key, sessions:write',
    query: userQuery,
    headers: KEY,
    body: newBody(THIRTY_DAYS),
    answers: [session('Made.', 201)],
    refusals: [{ status: 400, codes: ['data_invalid', 'ttl_invalid'] }, TOO_LARGE, ...ONCE],
  },
  'POST /sessman/update': {
    group: 'Programs',
    summary: 'Replace the data, and reset the expiry. With `If-Match` only if the version has not moved.',
    access: 'API key, sessions:write',
    query: sessionQuery,
    headers: VERSION,
    body: updateBody,
    answers: [session('Replaced.')],
    refusals: [{ status: 400, codes: ['data_invalid'] }, IF_MATCH, ...CHANGED, TOO_LARGE],
  },
  'GET /sessman/get': get,
  'POST /sessman/get': get,
  'POST /sessman/patch': {
    group: 'Programs',
    summary: 'Change single keys in one atomic step, and reset the expiry.',
    access: 'API key, sessions:write',
    query: sessionQuery,
    headers: { ...VERSION, ...KEY },
    body: patchBody,
    answers: [session('Changed.')],
    refusals: [
      { status: 400, codes: ['set_invalid', 'unset_invalid', 'increment_invalid'] },
      IF_MATCH,
      ...CHANGED,
      TOO_LARGE,
      ...ONCE,
    ],
  },
  'POST /sessman/touch': {
    group: 'Programs',
    summary: 'Reset the expiry.',
    access: 'API key, sessions:write',
    query: sessionQuery,
    headers: VERSION,
    answers: [session('Its expiry is reset.')],
    refusals: [IF_MATCH, { status: 400, codes: ['body_invalid'] }, ...CHANGED],
  },
  'POST /sessman/delete': {
    group: 'Programs',
    summary: 'End a session.',
    access: 'API key, sessions:write',
    query: sessionQuery,
    answers: [nothing('Ended.')],
    refusals: [NOT_FOUND],
  },
  'GET /sessman/list': {
    group: 'Programs',
    summary: 'The live sessions of a user in the key’s namespace, newest first.',
    access: 'API key, sessions:list',
    query: listQuery,
    answers: [json(answers.programSessions, 'A page of them.')],
  },
  'POST /sessman/batch-get': {
    group: 'Programs',
    summary: 'Several sessions of the key’s namespace at once.',
    access: 'API key, sessions:read',
    body: batchBody,
    answers: [json(answers.programSessionsFound, 'Those that live, and the ids of the others.')],
    refusals: [{ status: 400, codes: ['sessionids_missing', 'sessionids_invalid'] }],
  },
};

function session(description: string, status = 200): Answer {
  return { status, description, content: answers.programSession, headers: ETAG };
}
