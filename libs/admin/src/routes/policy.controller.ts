import { Controller, Get, Optional } from '@nestjs/common';
import { OptionsPolicy } from '../policy/options-policy.js';
import { PolicySource, type PolicyItem } from '../policy/policy-source.js';
import { ForAdministrators, NotStored } from './administrator.js';

/** What is in force, and which setting it came from. */
@Controller('admin/api/policy')
@ForAdministrators()
export class PolicyController {
  constructor(
    private readonly options: OptionsPolicy,
    @Optional() private readonly source?: PolicySource,
  ) {}

  @Get()
  @NotStored()
  read(): { items: readonly PolicyItem[] } {
    return { items: (this.source ?? this.options).items() };
  }
}
