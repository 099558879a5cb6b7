/** When an account's one-time password expires, and when it was used. */
export const ONE_TIME_PASSWORDS = `
ALTER TABLE users ADD COLUMN one_time_expires_at INTEGER;
ALTER TABLE users ADD COLUMN one_time_used_at INTEGER;
`;
