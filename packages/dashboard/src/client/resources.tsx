import { formatDataSize, type ClusterList, type Resources as Amounts } from '@cotton/api';

const ROWS: { label: string; key: keyof Amounts; format: (amount: number) => string }[] = [
  { label: 'CPUs', key: 'cpus', format: (amount) => String(Math.round(amount * 100) / 100) },
  { label: 'Memory', key: 'mem_mb', format: roundDataSize },
  { label: 'Disk', key: 'disk_mb', format: roundDataSize },
];

/** Whole megabytes below 10 GB, one decimal of gigabytes above. */
export function roundDataSize(mb: number): string {
  return mb < 10 * 1024 ? formatDataSize(Math.round(mb)) : `${Math.round((mb / 1024) * 10) / 10}gb`;
}

/** What all clusters ask for, and how much of it their tasks hold. */
export function Resources({ requested, used }: ClusterList['resources']) {
  return (
    <section class="resources" aria-label="Resources" data-testid="resources">
      {ROWS.map(({ label, key, format }) => (
        <label key={key}>
          <span>
            {label}: {format(used[key])} used of {format(requested[key])} requested
          </span>
          <meter min={0} max={Math.max(requested[key], 1e-6)} value={used[key]} />
        </label>
      ))}
    </section>
  );
}
