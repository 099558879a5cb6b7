/** For descriptions of the routes: what they take. The entry `nest-gatehouse/admin/http`. */
export { auditConditions, auditQuery } from './audit/audit-query.js';
export { endBody } from './routes/ending.controller.js';
export { changeUserBody, createUserBody, usersQuery } from './routes/users.controller.js';
export { sessionListQuery } from './sessions/session-query.js';
