/** For applications that live with passport: our sign-in as a strategy of theirs. The entry `nest-gatehouse/auth/passport` needs `@nestjs/passport`, `passport` and `passport-local`. */
export { LOCAL_STRATEGY, LocalStrategy } from './sign-in/local.strategy.js';
