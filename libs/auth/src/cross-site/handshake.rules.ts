import { Injectable } from '@nestjs/common';
import { type Handshake, SocketDoor } from 'nest-gatehouse/session/sockets';
import { crossSite } from '../auth.problems.js';
import { auditOriginOf } from '../audit/audit-origin.js';
import { AuditService } from '../audit/audit.service.js';
import { claimedOrigin, CrossSitePolicy } from './cross-site.policy.js';

/**
 * The cross-site rule for every socket, whoever serves it: the upgrade is a GET, which may change nothing, but opens a
 * connection that can (OWASP ASVS 5.0, 4.4.2).
 */
@Injectable()
export class HandshakeRules {
  constructor(
    door: SocketDoor,
    private readonly policy: CrossSitePolicy,
    private readonly audit: AuditService,
  ) {
    door.rule((handshake) => {
      if (!this.policy.refusesSocket(handshake)) return null;
      void this.#note(handshake);
      return crossSite();
    });
  }

  /** Never rejects: what cannot be recorded is logged. */
  async #note(handshake: Handshake): Promise<void> {
    const detail = `socket, ${claimedOrigin(handshake.headers)}`;
    await this.audit.record('cross_site.refused', { ...auditOriginOf(handshake), detail });
  }
}
