/** MySQL breaks long GTID sets into lines. */
export function gtidText(value: unknown): string {
  return String(value ?? '').replaceAll(/\s+/g, '');
}
