import { Controller, Get, Header } from '@nestjs/common';
import { Roles } from 'nest-gatehouse/auth';
import { SessionDoctor } from 'nest-gatehouse/session/doctor';

export interface FindingView {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly count: number;
  readonly lastSeenAt: string;
}

/** What is set up wrong, as far as this process has seen. */
@Controller('doctor')
@Roles('admin')
export class DoctorController {
  constructor(private readonly doctor: SessionDoctor) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  list(): { readonly items: readonly FindingView[] } {
    const items = this.doctor.findings().map(({ lastSeenAt, ...finding }) => {
      return { ...finding, lastSeenAt: new Date(lastSeenAt).toISOString() };
    });
    return { items };
  }
}
