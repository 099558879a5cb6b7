const COOKIE = 'write it inside cookie: { … }';
const COOKIE_NAME = "write cookie: { name: 'sid' }";
const NO_SIGNATURE = 'leave it out: a cookie holds 48 random bytes, and nothing in it has to be signed or encrypted';
const LIFETIME =
  "write idleTimeout: '30m' and absoluteTimeout: '12h'; with cookie: { persistent: true } the cookie says when it ends";
const OWN_SECRETS = 'leave it out: ids are made of random bytes, and a session gets a new one where its rights change';

/** What people write for express-session, @fastify/session and their kind, and what to write for it here. */
export const FOREIGN_SESSION_OPTIONS: Readonly<Record<string, string>> = {
  secret: NO_SIGNATURE,
  password: NO_SIGNATURE,
  key: `${COOKIE_NAME} if it names the cookie; if it is a secret, ${NO_SIGNATURE}`,
  keys: NO_SIGNATURE,
  salt: NO_SIGNATURE,
  signer: NO_SIGNATURE,
  algorithm: NO_SIGNATURE,
  resave: 'leave it out: only what has changed is saved',
  saveUninitialized: 'leave it out: a session is stored once it holds something',
  rolling: 'leave it out: idleTimeout moves with each use',
  unset: 'leave it out: req.session = null ends the session with the answer',
  proxy:
    "leave it out, and tell the platform: app.set('trust proxy', 1) on Express, new FastifyAdapter({ trustProxy: 1 }) on Fastify",
  store:
    'import a storage module instead, such as SqliteStorageModule.forRoot({ file }) of nest-gatehouse/sqlite, or provide a SessionStore of your own (docs/stores.md)',
  genid: OWN_SECRETS,
  idGenerator: OWN_SECRETS,
  maxAge: LIFETIME,
  expires: LIFETIME,
  expiry: LIFETIME,
  ttl: LIFETIME,
  name: COOKIE_NAME,
  cookieName: COOKIE_NAME,
  sessionName: COOKIE_NAME,
  cookiePrefix: `${COOKIE_NAME}, with the prefix in the name`,
  cookieOptions: COOKIE,
  domain: COOKIE,
  path: COOKIE,
  secure: COOKIE,
  httpOnly: COOKIE,
  sameSite: COOKIE,
  partitioned: COOKIE,
};

const LIFETIME_OF_SESSION = `${LIFETIME}, all of them beside cookie`;

/** The same inside `cookie`. */
export const FOREIGN_COOKIE_OPTIONS: Readonly<Record<string, string>> = {
  maxAge: LIFETIME_OF_SESSION,
  originalMaxAge: LIFETIME_OF_SESSION,
  expires: LIFETIME_OF_SESSION,
  signed: NO_SIGNATURE,
  encode: 'leave it out: the cookie holds letters, digits, hyphens and a dot, which need no encoding',
  priority: 'leave it out: browsers other than Chrome do not know it',
  overwrite: 'leave it out: an answer sets the cookie once',
};
