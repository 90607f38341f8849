/** Entry of the bundle and of the self-contained executable: no top-level await, no import.meta. */
import './small-heap.ts';
import { runExecutor } from './run-executor.ts';

void runExecutor();
