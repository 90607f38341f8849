import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

// Who may import whom: docs/architecture.md explains the layers.
const layers = {
  core: [],
  zookeeper: [],
  api: [],
  log: [],
  mesos: ['zookeeper'],
  coordination: ['zookeeper'],
  state: ['zookeeper'],
  'mysql-ops': ['core'],
  executor: ['core', 'log', 'mesos', 'coordination', 'mysql-ops', 'zookeeper'],
  scheduler: ['core', 'log', 'mesos', 'coordination', 'state', 'api', 'zookeeper', 'dashboard'],
  cli: ['api', 'coordination', 'zookeeper'],
  dashboard: ['api'],
};

const depConstraints = [
  ...Object.entries(layers).map(([name, allowed]) => ({
    sourceTag: `package:${name}`,
    onlyDependOnLibsWithTags: [name, ...allowed].map((tag) => `package:${tag}`),
  })),
  // Tools and stories may use any library; no package may use a tool.
  { sourceTag: 'kind:tool', onlyDependOnLibsWithTags: ['*'] },
];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.local/**', '.cache/**', '.nx/**', '**/fixtures/**'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx', '**/*.mjs'],
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        { allow: [], depConstraints, enforceBuildableLibDependency: false },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: 'error',
      'no-restricted-syntax': [
        'error',
        {
          selector: 'MemberExpression[property.name=/^(only|todo)$/][object.name=/^(it|test|describe)$/]',
          message: 'No focused or unfinished tests.',
        },
      ],
    },
  },
  {
    // Integration tests bring up real parts with the tools.
    files: ['packages/*/test/**/*.ts'],
    rules: { '@nx/enforce-module-boundaries': 'off' },
  },
  {
    files: ['packages/core/src/**/*.ts'],
    rules: {
      // The core decides: the same input must always give the same answer.
      'no-restricted-globals': [
        'error',
        'process',
        'performance',
        'setTimeout',
        'setInterval',
        'setImmediate',
        'fetch',
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random' },
        { object: 'Date', property: 'now' },
      ],
    },
  },
  {
    files: ['packages/core/src/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^node:', message: 'The core has no I/O.' }] },
      ],
    },
  },
);
