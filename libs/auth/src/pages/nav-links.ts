import { Injectable } from '@nestjs/common';
import type { SignedInUser } from '../storage/user-record.js';

/** A link that another module adds to the navigation of signed-in users. */
export interface NavLink {
  readonly label: string;
  /** Whom it is for. */
  readonly role: string;
  /** A path below the application's global prefix; read late, because `main.ts` sets the prefix after creation. */
  readonly path: () => string;
}

/** Links beside the account's own on every page of signed-in users. */
@Injectable()
export class NavLinks {
  readonly #links: NavLink[] = [];

  add(link: NavLink): void {
    this.#links.push(link);
  }

  /** Those for this user. */
  of(user: Pick<SignedInUser, 'roles'> | null | undefined): readonly NavLink[] {
    return this.#links.filter(({ role }) => user?.roles.includes(role));
  }
}
