export interface OverlayProblem {
  line: number;
  setting: string;
  reason: string;
}
/** A user's my.cnf text, read: the lines of its `[mysqld]` group. */
export interface Overlay {
  settings: { name: string; value?: string }[];
  problems: OverlayProblem[];
}
export declare function readOverlay(text: string): Overlay;
