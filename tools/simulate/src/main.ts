import { runHistory } from './history.ts';

const args = new Map(process.argv.slice(2).map((a, i, all) => [a, all[i + 1] ?? ''] as const));
const seed = Number(args.get('--seed') ?? 1);
const count = Number(args.get('--histories') ?? 1000);
const trap = args.get('--trap');
const cpu = process.cpuUsage();
const seen = new Map<string, number[]>();
let events = 0,
  acked = 0,
  ms = 0;
for (let s = seed; s < seed + count; s++) {
  const outcome = runHistory(s, { trap, isTraced: args.has('--trace') });
  events += outcome.events;
  acked += outcome.acknowledged;
  ms += outcome.simulatedMs;
  if (args.has('--trace')) console.log(outcome.trace.join('\n'));
  if (outcome.violation) {
    const list = seen.get(outcome.violation.invariant) ?? [];
    if (list.length < 2) console.log(s, outcome.violation.invariant, outcome.violation.detail.slice(0, 500));
    list.push(s);
    seen.set(outcome.violation.invariant, list);
  }
}
const { user } = process.cpuUsage(cpu);
const took = user / 1000;
console.log({
  histories: count,
  perSecond: Math.round((count / took) * 1000),
  events: events / count,
  acked: acked / count,
  ms: ms / count,
});
for (const [k, v] of seen) console.log(k, v.length, v.slice(0, 10).join(' '));
