import { SetMetadata } from '@nestjs/common';

/** Metadata of handlers and controllers that says whether the guards of `AuthModule` require a signed-in user. */
export const ACCESS = 'gatehouse:access';

/**
 * On a handler or a controller of a library that checks its callers by itself, as by API keys: the guards of
 * `AuthModule` let everybody pass, as with `@Public()`.
 */
export const OwnAuthentication = () => SetMetadata(ACCESS, 'public');
