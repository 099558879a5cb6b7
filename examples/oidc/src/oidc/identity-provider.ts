import * as client from 'openid-client';

/** What the session remembers between the way to the identity provider and the way back. */
export interface SignInAttempt {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

export interface Identity {
  readonly subject: string;
  readonly name: string;
  readonly idToken: string;
}

/** The authorisation code flow with PKCE. */
export class IdentityProvider {
  constructor(
    private readonly configuration: client.Configuration,
    private readonly publicUrl: string,
  ) {}

  newAttempt(): SignInAttempt {
    return {
      state: client.randomState(),
      nonce: client.randomNonce(),
      codeVerifier: client.randomPKCECodeVerifier(),
    };
  }

  async signInUrl({ state, nonce, codeVerifier }: SignInAttempt): Promise<string> {
    const url = client.buildAuthorizationUrl(this.configuration, {
      redirect_uri: `${this.publicUrl}/oidc/callback`,
      scope: 'openid email',
      state,
      nonce,
      code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
    });
    return url.href;
  }

  /** @throws unless this is the provider's answer to this attempt */
  async identify(callback: string, { state, nonce, codeVerifier }: SignInAttempt): Promise<Identity> {
    const tokens = await client.authorizationCodeGrant(this.configuration, new URL(callback, this.publicUrl), {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: codeVerifier,
      idTokenExpected: true,
    });
    const { sub, email } = tokens.claims()!;
    return { subject: sub, name: typeof email === 'string' ? email : sub, idToken: tokens.id_token! };
  }

  signOutUrl(idToken: string | undefined): string {
    const url = client.buildEndSessionUrl(this.configuration, { post_logout_redirect_uri: this.publicUrl });
    if (idToken !== undefined) url.searchParams.set('id_token_hint', idToken);
    return url.href;
  }
}
