import type { FactoryProvider } from '@nestjs/common';
import { AuthPages } from './auth-pages.js';
import { TemplatePages } from './template-pages.js';

/** The application's own `AuthPages`, or the library's. */
export const PAGE_RENDERER = Symbol('gatehouse:page-renderer');

export const PAGE_RENDERER_PROVIDER: FactoryProvider<AuthPages> = {
  provide: PAGE_RENDERER,
  inject: [TemplatePages, { token: AuthPages, optional: true }],
  useFactory: (ours: TemplatePages, own?: AuthPages) => own ?? ours,
};
