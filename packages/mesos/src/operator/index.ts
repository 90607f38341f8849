export { OperatorClient, type OperatorOptions } from './client.ts';
