/**
 * For applications that use passport: our sign-in as a passport strategy. The entry `nest-gatehouse/auth/passport`
 * needs `@nestjs/passport`, `passport` and `passport-local`.
 */
export { LOCAL_STRATEGY, LocalStrategy } from './sign-in/local.strategy.js';
