import { type DynamicModule, Module } from '@nestjs/common';
import { allowInsecureRequests, Configuration, discovery } from 'openid-client';
import { OidcController } from './oidc.controller.js';
import { IdentityProvider } from './identity-provider.js';

export interface OidcOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Where browsers find this application. The identity provider must know `publicUrl` and `publicUrl/oidc/callback`. */
  readonly publicUrl: string;
}

@Module({})
export class OidcModule {
  static forRoot({ issuer, clientId, clientSecret, publicUrl }: OidcOptions): DynamicModule {
    const url = new URL(issuer);
    const execute = url.hostname === 'localhost' ? [allowInsecureRequests] : [];
    return {
      module: OidcModule,
      controllers: [OidcController],
      providers: [
        {
          provide: Configuration,
          useFactory: () => discovery(url, clientId, clientSecret, undefined, { execute }),
        },
        {
          provide: IdentityProvider,
          inject: [Configuration],
          useFactory: (configuration: Configuration) => new IdentityProvider(configuration, publicUrl),
        },
      ],
    };
  }
}
