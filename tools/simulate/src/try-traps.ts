import { spring } from './spring.ts';
import { TRAPS } from './traps.ts';
const [only, budget, seeds] = process.argv.slice(2);
for (const trap of TRAPS.filter((t) => !only || only === 'all' || t.name.includes(only))) {
  const cpu = process.cpuUsage();
  const found = [];
  for (const seed of (seeds ?? '1').split(',')) {
    const c = await spring(trap, Number(seed), Number(budget ?? 1000));
    found.push(`${c.after}:${c.invariant}`);
  }
  console.log(
    trap.name.padEnd(42),
    trap.scope.padEnd(11),
    found.join('  '),
    (process.cpuUsage(cpu).user / 1e6).toFixed(1),
  );
}
