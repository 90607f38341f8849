/** The stand-in's own nodes lie beside the masters' path, which shows only what a real Mesos shows. */
export const ownPath = (mastersPath: string, name: string): string =>
  `/cotton-local-mesos${mastersPath === '/' ? '' : mastersPath}/${name}`;

export const masterNode = (sequence: number): string => `json.info_${String(sequence).padStart(10, '0')}`;
