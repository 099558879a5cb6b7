import { Injectable } from '@nestjs/common';
import { UserService } from 'nest-gatehouse/auth';
import { ApiKeyOwners } from 'nest-gatehouse/sessman';

/** API keys may belong to accounts: a key is refused while its owner's account is disabled. */
@Injectable()
export class AccountKeyOwners extends ApiKeyOwners {
  constructor(private readonly users: UserService) {
    super();
  }

  override async find(username: string): Promise<{ readonly id: string } | null> {
    return this.users.find(username);
  }

  override async isActive(id: string): Promise<boolean> {
    const user = await this.users.findById(id);
    return user !== null && !user.disabled;
  }

  override async name(id: string): Promise<string | null> {
    return (await this.users.findById(id))?.username ?? null;
  }
}
