import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';
import { noSkippedWork } from './eslint-rules/no-skipped-work.mjs';

export default tseslint.config(
  // As @nestjs/cli generates them: scripts/matrix/nest*/.
  { ignores: ['**/node_modules/', '**/dist/', 'data/', 'coverage/', 'scripts/matrix/nest*/'] },
  js.configs.recommended,
  {
    plugins: { gatehouse: { rules: { 'no-skipped-work': noSkippedWork } } },
    rules: { 'gatehouse/no-skipped-work': 'error' },
  },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: ['error', 'smart'],
      'no-console': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      // `import type` of an injected class compiles, and then Nest finds no token for it at start.
      '@typescript-eslint/consistent-type-imports': 'off',
      // Stores answer at once or by a promise, and methods of one contract share a shape.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/await-thenable': 'off',
      // Wrapping a method of a prototype begins with taking it off.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // What an answer holds is printed as it comes.
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': 'off',
    },
  },
  {
    files: ['test/bench/**/*.ts', 'test/conformance/**/*.ts', 'test/soak/**/*.ts', '.ci/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  // Compiled against the packed package alone, which is not there before it is packed.
  {
    files: ['.ci/**/*.ts', 'scripts/matrix/**/*.ts', 'examples/**/*.ts'],
    extends: [tseslint.configs.disableTypeChecked],
  },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: readonly('Buffer clearTimeout console fetch process setTimeout URL URLSearchParams AbortController'),
    },
  },
  {
    files: ['{libs,src}/**/*.js'],
    languageOptions: {
      globals: readonly(
        'addEventListener clearInterval clearTimeout document EventSource fetch FormData getComputedStyle location matchMedia navigator ResizeObserver setInterval setTimeout URLSearchParams window XMLHttpRequest',
      ),
    },
  },
  {
    // The script before it, which is served with it, declares the variable.
    files: ['libs/admin/src/console/islands/uplot-export.js'],
    languageOptions: { globals: readonly('uPlot') },
  },
  prettier,
);

function readonly(names) {
  return Object.fromEntries(names.split(' ').map((name) => [name, 'readonly']));
}
