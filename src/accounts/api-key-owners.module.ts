import { Injectable, Module } from '@nestjs/common';
import { UserService } from 'nest-gatehouse/auth';
import { ApiKeyOwners } from 'nest-gatehouse/sessman';

/** Accounts as owners of API keys. */
@Injectable()
class AccountOwners extends ApiKeyOwners {
  constructor(private readonly users: UserService) {
    super();
  }

  override find(username: string): Promise<{ readonly id: string } | null> {
    return this.users.find(username);
  }

  override async isActive(id: string): Promise<boolean> {
    return (await this.users.findById(id))?.disabled === false;
  }

  override async name(id: string): Promise<string | null> {
    return (await this.users.findById(id))?.username ?? null;
  }
}

/** For the imports of `ApiKeysModule`. Needs `AuthModule`. */
@Module({ providers: [{ provide: ApiKeyOwners, useClass: AccountOwners }], exports: [ApiKeyOwners] })
export class ApiKeyOwnersModule {}
