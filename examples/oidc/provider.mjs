import { Provider } from 'oidc-provider';

// An identity provider that believes every name and password.
const { PORT = '4000', PUBLIC_URL = 'http://localhost:3000' } = process.env;

const provider = new Provider(`http://localhost:${PORT}`, {
  clients: [
    {
      client_id: 'gatehouse-example',
      client_secret: 'only-for-this-example',
      redirect_uris: [`${PUBLIC_URL}/oidc/callback`],
      post_logout_redirect_uris: [PUBLIC_URL],
    },
  ],
  claims: { openid: ['sub'], email: ['email'] },
  conformIdTokenClaims: false,
  cookies: { keys: ['only-for-this-example'] },
  pkce: { required: () => true },
  findAccount: (_context, accountId) => ({
    accountId,
    claims: () => ({ sub: accountId, email: `${accountId}@example.com` }),
  }),
});

provider.listen(Number(PORT));
