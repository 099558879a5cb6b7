/**
 * For applications with routes of their own for programs: the guard of API keys, and what the library's own routes
 * read. The entry `nest-gatehouse/sessman/http`.
 */
export { ApiKeyGuard, NeedsScope } from './routes/api-key.guard.js';
export { CallerOf, type Caller } from './routes/caller.js';
export {
  batchBody,
  getQuery,
  listQuery,
  newBody,
  patchBody,
  sessionQuery,
  updateBody,
  userQuery,
} from './routes/requests.js';
export { UNPARSED_BODY } from './routes/sessman.binding.js';
