/**
 * Checks hashes that an account table had before Gatehouse: argon2, scrypt, PBKDF2. Plain bcrypt (`$2a$`, `$2b$`,
 * `$2y$`) needs no verifier. The class is its own injection token: export one from a module in `imports` of
 * `AuthModule`. When a user signs in with such a hash, it is replaced by one of ours, so that the verifier can be
 * removed once no such hash is left.
 */
export abstract class PasswordVerifier {
  /**
   * A hash of a password that nobody has, with the most expensive parameters of your hashes. Every refused sign-in
   * checks one hash with the verifier; if the user has none, it is this one, so that the time does not reveal who
   * exists (OWASP ASVS 5.0, 6.3.8).
   */
  abstract readonly dummyHash: string;

  /** Whether `verify` can check this hash, judged by its format only. Not called for hashes of ours. */
  abstract recognises(passwordHash: string): boolean;

  /**
   * Whether the password, exactly as it was typed, matches the hash. At most 1024 bytes of well-formed text. Runs in a
   * turn of the hash queue, and may take as long as `hashWait`; longer, or an error, is 503 `password_check_failed`,
   * and nobody is signed in.
   */
  abstract verify(password: string, passwordHash: string): Promise<boolean>;
}
