import type { MemberView } from '@cotton/api';
import { RoleBadge, StateBadge } from './badges.tsx';

/** The primary above, everyone else below it. */
export function Topology({ members }: { members: readonly MemberView[] }) {
  const primary = members.find(({ role }) => role === 'primary');
  const others = members.filter((member) => member !== primary);
  return (
    <section class="topology" aria-label="Members" data-testid="topology">
      <div class="top">
        {primary ? (
          <MemberCard member={primary} />
        ) : (
          <p data-testid="no-primary">No primary at the moment.</p>
        )}
      </div>
      {others.length > 0 && (
        <ul class="branches">
          {others.map((member) => (
            <li key={member.id}>
              <MemberCard member={member} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function MemberCard({ member }: { member: MemberView }) {
  const { id, role, state, in_sync, message, errant } = member;
  return (
    <article class={`card member ${role}`} data-testid={`member-${id}`}>
      <h2>{id}</h2>
      <p class="badges">
        <RoleBadge role={role} /> <StateBadge state={state} />{' '}
        {in_sync && (
          <span class="badge sync" data-testid="in-sync">
            ✓ in sync
          </span>
        )}
      </p>
      <p class="endpoint" data-testid="endpoint">
        {endpoint(member)}
      </p>
      {message !== '' && <p class="reason">{message}</p>}
      {errant.map(({ gtids, file, saved_at }) => (
        <p key={file} class="reason warn" data-testid="errant">
          Transactions that only it had, {gtids}, were saved {new Date(saved_at).toLocaleString()} in its
          volume as {file}.
        </p>
      ))}
      <p class="small">
        {[member.version && `MySQL ${member.version}`, member.agent_id].filter(Boolean).join(' · ')}
      </p>
    </article>
  );
}

export function endpoint({ host, port }: Pick<MemberView, 'host' | 'port'>): string {
  return host === null || port === null ? 'no address yet' : `${host}:${port}`;
}
