import { Readable } from 'node:stream';
import { Controller, Get, Header, Query, StreamableFile } from '@nestjs/common';
import { BodyOf } from 'nest-gatehouse/common';
import { auditConditions, auditQuery, type AuditConditions, type AuditQuery } from '../audit/audit-query.js';
import { AuditSearch, type AuditViewList } from '../audit/audit-search.service.js';
import { ForAdministrators, NotStored } from './administrator.js';

/** The audit trail: search it, and take it along as lines of JSON. */
@Controller('admin/api')
@ForAdministrators()
export class AuditController {
  constructor(private readonly search: AuditSearch) {}

  @Get('audit')
  @NotStored()
  list(@Query(new BodyOf(auditQuery)) query: AuditQuery): Promise<AuditViewList> {
    return this.search.list(query);
  }

  @Get('audit.jsonl')
  @NotStored()
  @Header('Content-Disposition', 'attachment; filename="audit.jsonl"')
  lines(@Query(new BodyOf(auditConditions)) conditions: AuditConditions): StreamableFile {
    const lines = Readable.from(this.search.lines(conditions), { objectMode: false });
    return new StreamableFile(lines, { type: 'application/jsonl; charset=utf-8' });
  }
}
