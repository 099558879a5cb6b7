import { AUDIT_POLICIES } from 'nest-gatehouse/auth/http';
import type { AuditType } from 'nest-gatehouse/auth/storage';
import { clientAddress, pageQuery } from 'nest-gatehouse/common';
import { z } from 'zod';
import { text, time } from '../terms/query-fields.js';

const TYPES = Object.keys(AUDIT_POLICIES) as [AuditType, ...AuditType[]];
const address = text.transform((given, context) => {
  const ip = clientAddress(given);
  if (ip === null) context.addIssue({ code: 'custom', message: "expected an address such as '192.0.2.7'" });
  return ip ?? z.NEVER;
});

/** The conditions of a search in the trail. `user` and `actor` are usernames, also of accounts that are gone. */
export const auditConditions = z.object({
  type: z.enum(TYPES, "expected a type of the trail, such as 'login.failed'").optional(),
  user: text.optional(),
  actor: text.optional(),
  ip: address.optional(),
  handle: text.optional(),
  from: time.optional(),
  to: time.optional(),
});

export const auditQuery = pageQuery.extend(auditConditions.shape);

export type AuditConditions = z.output<typeof auditConditions>;
export type AuditQuery = z.output<typeof auditQuery>;
