export { type App, bundledApp } from './bundled-app.ts';
export { buildPackage } from './build-package.ts';
export { applyEdit, bundleEdited, type SourceEdit } from './edited-app.ts';
export { BundleError, type BundleErrorCode } from './error.ts';
