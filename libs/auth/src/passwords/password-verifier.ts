/**
 * Checks hashes that an account table had before Gatehouse: argon2, scrypt, PBKDF2. Plain bcrypt (`$2a$`, `$2b$`, `$2y$`) needs none. The class is its own
 * injection token: export one from a module in `imports` of `AuthModule`. Whoever signs in by such a hash is moved over to one of ours, so that the verifier
 * can go once nobody has one any more.
 */
export abstract class PasswordVerifier {
  /**
   * A hash of a password that nobody has, with the parameters of the dearest of yours. Every refused sign-in checks one hash by the verifier, and where the
   * user has none it is this one, so that the time does not tell who exists (OWASP ASVS 5.0, 6.3.8).
   */
  abstract readonly dummyHash: string;

  /** Whether the hash is one that `verify` can check, by its form alone. Not asked for hashes of ours. */
  abstract recognises(passwordHash: string): boolean;

  /**
   * Whether the password, exactly as it was typed, is the one of the hash. At most 1024 bytes of well-formed text. Runs in a turn of the hash queue, and may
   * take as long as `hashWait`; longer, or an error, is 503 `password_check_failed`, and nobody is signed in.
   */
  abstract verify(password: string, passwordHash: string): Promise<boolean>;
}
