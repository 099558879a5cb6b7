export { AdminModule, type AdminModuleSetup } from './admin.module.js';
export { ADMIN_DEFAULTS, type AdminModuleOptions } from './admin.options.js';
