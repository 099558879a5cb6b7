import {
  auditConditions,
  auditQuery,
  changeUserBody,
  createUserBody,
  endBody,
  sessionListQuery,
  usersQuery,
} from 'nest-gatehouse/admin/http';
import { pageQuery } from 'nest-gatehouse/common';
import { hitListQuery, hitSeriesQuery } from 'nest-gatehouse/hits';
import { administrationAnswers as answers } from './administration.answers.js';
import { json, nothing, type Operation, type Operations, type Refusal } from './operation.js';

const RECENT: Refusal = { status: 401, codes: ['recent_auth_required'] };
const CURSOR: Refusal = { status: 400, codes: ['cursor_invalid'] };
const NO_SESSION: Refusal = { status: 404, codes: ['session_not_found'] };
const NO_USER: Refusal = { status: 404, codes: ['user_not_found'] };
const NO_KEY: Refusal = { status: 404, codes: ['api_key_not_found'] };
const LAST: Refusal = { status: 409, codes: ['last_administrator'] };

type Described = Omit<Operation, 'group' | 'access'>;

function administration(operation: Described): Operation {
  return { group: 'Administration', access: 'admin', ...operation };
}

/** For what changes something: the password must have been given within a quarter of an hour. */
function change({ refusals = [], ...operation }: Described): Operation {
  return administration({ ...operation, refusals: [RECENT, ...refusals] });
}

export const administrationOperations: Operations = {
  'GET /admin/api/sessions': administration({
    summary: 'Everybody’s sessions, live or ended.',
    query: sessionListQuery,
    answers: [
      json(answers.sessions, 'A page of them; with `total=true` also how many match, and when they were counted.'),
    ],
    refusals: [CURSOR, { status: 400, codes: ['user_invalid', 'ip_invalid', 'state_invalid', 'sort_invalid'] }],
  }),
  'POST /admin/api/sessions/end': change({
    summary: 'End all that match. With `dryRun` they are only counted, which needs no recent sign-in.',
    body: endBody,
    answers: [
      json(answers.endedOfMatched, 'How many matched, and how many have ended.'),
      { ...json(answers.job, 'It takes longer, and goes on as a job.', 202), headers: { Location: 'The job.' } },
    ],
    refusals: [{ status: 400, codes: ['filter_invalid', 'dry_run_invalid', 'all_invalid', 'body_invalid'] }],
  }),
  'GET /admin/api/jobs/{id}': administration({
    summary: 'How far a job is.',
    answers: [json(answers.job, '`failed`: its process has died or the store did not answer; order the same again.')],
    refusals: [{ status: 404, codes: ['job_not_found'] }],
  }),
  'GET /admin/api/sessions/{handle}': administration({
    summary: 'One session with its timeline, and why it ended; ended ones for as long as the audit trail knows them.',
    answers: [json(answers.sessionDetails, 'The session.')],
    refusals: [NO_SESSION],
  }),
  'DELETE /admin/api/sessions/{handle}': change({
    summary: 'End one session. Ending one that has ended changes nothing.',
    answers: [nothing('Ended.')],
    refusals: [NO_SESSION],
  }),
  'POST /admin/api/sessions/{handle}/extend': administration({
    summary: 'Move its idle end, never past the absolute one. It is no use of it.',
    answers: [json(answers.sessionDetails, 'The session.')],
    refusals: [NO_SESSION, { status: 409, codes: ['session_ended'] }],
  }),
  'GET /admin/api/users': administration({
    summary: 'Accounts, by username.',
    query: usersQuery,
    answers: [json(answers.users, 'A page of them.')],
    refusals: [CURSOR, { status: 400, codes: ['prefix_invalid'] }],
  }),
  'POST /admin/api/users': change({
    summary: 'Make an account, with a one-time password.',
    body: createUserBody,
    answers: [json(answers.userCreated, 'Made; the password is shown once.', 201)],
    refusals: [
      { status: 400, codes: ['username_missing', 'username_invalid', 'roles_invalid', 'body_invalid'] },
      { status: 409, codes: ['username_taken'] },
    ],
  }),
  'GET /admin/api/users/{id}': administration({
    summary: 'One account.',
    answers: [json(answers.userDetails, 'The account.')],
    refusals: [NO_USER],
  }),
  'PATCH /admin/api/users/{id}': change({
    summary: 'Give roles, disable, enable. Disabling ends all sessions.',
    body: changeUserBody,
    answers: [json(answers.user, 'The account as it is now.')],
    refusals: [
      NO_USER,
      LAST,
      { status: 400, codes: ['roles_missing', 'roles_invalid', 'disabled_invalid', 'body_invalid'] },
    ],
  }),
  'POST /admin/api/users/{id}/unlock': change({
    summary: 'Forget the failed sign-ins.',
    answers: [json(answers.user, 'The account.')],
    refusals: [NO_USER],
  }),
  'POST /admin/api/users/{id}/require-password-change': change({
    summary: 'The user can do nothing else until the password is changed.',
    answers: [json(answers.user, 'The account.')],
    refusals: [NO_USER],
  }),
  'DELETE /admin/api/users/{id}/sessions': change({
    summary: 'End all sessions of a user.',
    answers: [json(answers.ended, 'How many have ended.')],
    refusals: [NO_USER],
  }),
  'GET /admin/api/users/{id}/export': administration({
    summary: 'Everything that is kept of a user.',
    answers: [json(answers.userExport, 'One document; no hash, no secret.')],
    refusals: [NO_USER],
  }),
  'DELETE /admin/api/users/{id}': change({
    summary: 'Delete an account: sessions ended, API keys deleted, in the audit trail a pseudonym.',
    answers: [nothing('Deleted.')],
    refusals: [NO_USER, LAST, { status: 501, codes: ['deletion_not_supported'] }],
  }),
  'GET /admin/api/api-keys': administration({
    summary: 'API keys of programs.',
    query: pageQuery,
    answers: [json(answers.apiKeys, 'A page of them.')],
    refusals: [CURSOR],
  }),
  'POST /admin/api/api-keys': change({
    summary: 'Issue a key: `{ namespace, scopes, expiresAt?, owner? }`.',
    answers: [json(answers.apiKeyIssued, 'Issued; `key` is shown once.', 201)],
    refusals: [
      {
        status: 400,
        codes: ['namespace_missing', 'namespace_invalid', 'scopes_missing', 'scopes_invalid', 'owner_invalid'],
      },
    ],
  }),
  'POST /admin/api/api-keys/{id}/rotate': change({
    summary: 'Give a key another secret; `{ overlap?: "1h" }` is how long the former one still works.',
    answers: [json(answers.apiKeyIssued, 'Rotated; `key` is shown once.')],
    refusals: [
      NO_KEY,
      { status: 400, codes: ['overlap_invalid'] },
      { status: 409, codes: ['api_key_expired', 'conflict'] },
    ],
  }),
  'DELETE /admin/api/api-keys/{id}': change({
    summary: 'Revoke a key, at once and everywhere.',
    answers: [nothing('Revoked.')],
    refusals: [NO_KEY],
  }),
  'GET /admin/api/audit': administration({
    summary: 'The audit trail, newest first. `user` and `actor` are usernames, also of accounts that are gone.',
    query: auditQuery,
    answers: [json(answers.audit, 'A page of it.')],
    refusals: [CURSOR, { status: 400, codes: ['type_invalid', 'ip_invalid', 'from_invalid', 'to_invalid'] }],
  }),
  'GET /admin/api/audit.jsonl': administration({
    summary: 'The same, all of it as lines of JSON.',
    query: auditConditions,
    answers: [{ status: 200, description: 'A line for each entry.', content: 'application/jsonl' }],
    refusals: [{ status: 400, codes: ['type_invalid', 'ip_invalid', 'from_invalid', 'to_invalid'] }],
  }),
  'GET /admin/api/hits': administration({
    summary: 'How many requests each hour or day: of people and of bots; by day also sessions of people.',
    query: hitSeriesQuery,
    answers: [json(answers.hitSeries, 'Every hour or day that begins in the range.')],
    refusals: [{ status: 400, codes: ['from_invalid', 'to_invalid', 'by_missing', 'by_invalid'] }],
  }),
  'GET /admin/api/hits/routes': administration({
    summary: 'The routes with most requests first; `(unmatched)` and `(other)` are routes of their own.',
    query: hitListQuery,
    answers: [json(answers.hitRoutes, 'A page of them.')],
    refusals: [CURSOR, { status: 400, codes: ['from_invalid', 'to_invalid'] }],
  }),
  'GET /admin/api/hits/agents': administration({
    summary: 'Families of user agents.',
    query: hitListQuery,
    answers: [json(answers.hitAgents, 'A page of them.')],
    refusals: [CURSOR, { status: 400, codes: ['from_invalid', 'to_invalid'] }],
  }),
  'GET /admin/api/policy': administration({
    summary: 'The lifetimes, limits and cookie attributes in force, and where each value came from.',
    answers: [json(answers.policy, 'All of them.')],
  }),
};
