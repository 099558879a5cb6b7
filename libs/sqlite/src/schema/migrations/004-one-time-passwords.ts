/** When a one-time password of an account stops, and when it was used. */
export const ONE_TIME_PASSWORDS = `
ALTER TABLE users ADD COLUMN one_time_expires_at INTEGER;
ALTER TABLE users ADD COLUMN one_time_used_at INTEGER;
`;
