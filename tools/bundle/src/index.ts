export { type App, bundledApp } from './bundled-app.ts';
export { buildPackage } from './build-package.ts';
export { BundleError, type BundleErrorCode } from './error.ts';
