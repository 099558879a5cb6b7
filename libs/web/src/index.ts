export type { AssetFiles } from './design/asset-files.js';
export { AssetAnswers, type AssetRequest } from './assets/asset-answers.js';
export { AssetSet, type Asset } from './assets/asset-set.js';
export { assetsController } from './assets/assets-controller.js';
export { pageTime, waitInWords, type PageTime } from './page-times.js';
export { Pages, type PageFrame, type PageLink, type PageNav, type SignOutForm, type TimeoutWarning } from './pages.js';
export { WebModule } from './web.module.js';
