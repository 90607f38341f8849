/** Said wherever the stand-in can be seen: nobody should take it for a real Mesos. */
export const BANNER = 'Cotton local stand-in for Apache Mesos 1.12 (a laptop, tests and the demo only)';

export const MESOS_VERSION = '1.12.0';
