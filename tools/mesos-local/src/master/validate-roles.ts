/** What Mesos says of a role name it does not accept; `undefined` for a good one. */
export function roleProblem(role: string): string | undefined {
  if (role === '*') return undefined;
  if (role === '') return 'Role names cannot be the empty string';
  if (role.startsWith('/')) return `Role '${role}' cannot start with a slash`;
  if (role.endsWith('/')) return `Role '${role}' cannot end with a slash`;
  for (const component of role.split('/')) {
    if (component === '') return `Role '${role}' cannot contain two adjacent slashes`;
    if (component === '.') return `Role '${role}' cannot include '.' as a component`;
    if (component === '..') return `Role '${role}' cannot include '..' as a component`;
    if (component === '*') return `Role '${role}' cannot include '*' as a component`;
    if (component.startsWith('-'))
      return `Role component '${component}' is invalid because it starts with a dash`;
    if (/[\b\t\n\v\f\r ]/.test(component))
      return `Role component '${component}' is invalid because it contains backspace or whitespace`;
  }
  return undefined;
}
