import { rolesOf, type FrameworkInfo } from '../messages.ts';
import type { Master } from './master.ts';
import type { Framework } from './model.ts';
import { allocatorOptions } from './subscriptions.ts';
import { frameworkProblem, type FrameworkExtras } from './validate-framework.ts';

function changeProblem(known: FrameworkInfo, info: FrameworkInfo): string | undefined {
  if (known.principal !== info.principal) return "Changing framework's principal is not allowed.";
  if (known.user !== info.user)
    return `Updating 'FrameworkInfo.user' is unsupported; attempted to update from '${known.user}' to '${info.user}'`;
  if ((known.checkpoint ?? false) !== (info.checkpoint ?? false))
    return `Updating 'FrameworkInfo.checkpoint' is unsupported; attempted to update from '${known.checkpoint ?? false}' to '${info.checkpoint ?? false}'`;
  return undefined;
}

/** UPDATE_FRAMEWORK: like a resubscription, but refused where that would silently keep the old value. */
export function updateFramework(
  master: Master,
  framework: Framework,
  call: FrameworkExtras & { framework_info: FrameworkInfo },
): string | undefined {
  const info = call.framework_info;
  const problem = frameworkProblem(info, call, master.config) ?? changeProblem(framework.info, info);
  if (problem !== undefined) return `FrameworkInfo update is not valid: ${problem}`;
  framework.info = info;
  const roles = rolesOf(info);
  for (const offer of framework.offers) if (!roles.includes(offer.role)) master.offerBook.rescind(offer);
  framework.suppressed = new Set(call.suppressed_roles ?? []);
  master.allocator.updateFramework(framework.id, allocatorOptions(info, framework.suppressed));
  for (const agent of master.agents.values()) agent.send?.({ type: 'update_framework', framework: info });
  master.offerBook.allocate();
  return undefined;
}
