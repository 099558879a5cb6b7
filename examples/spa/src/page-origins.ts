/** Whose pages may call this server, with the user's cookie. */
export const PAGE_ORIGINS = (process.env.PAGE_ORIGINS ?? 'http://localhost:4000').split(',');
