/** What happens when it is evaluated, and not otherwise. */
const WORK = new Set([
  'AwaitExpression',
  'YieldExpression',
  'AssignmentExpression',
  'UpdateExpression',
  'ImportExpression',
]);
const FUNCTIONS = new Set(['ArrowFunctionExpression', 'FunctionExpression']);

/**
 * `tell?.(await save())` saves nothing where there is nobody to tell: behind a `?.` whose left side is null or undefined nothing is evaluated, neither the
 * arguments nor what stands in brackets. Do the work first, in a statement of its own.
 * @type {import('eslint').Rule.RuleModule}
 */
export const noSkippedWork = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      skipped:
        'This is not evaluated where the left side of the `?.` is null or undefined; do it in a statement before.',
    },
  },
  create(context) {
    const { visitorKeys } = context.sourceCode;

    function report(node) {
      if (WORK.has(node.type) || (node.type === 'UnaryExpression' && node.operator === 'delete')) {
        context.report({ node, messageId: 'skipped' });
        return;
      }
      // What a function does it does when it is called.
      if (FUNCTIONS.has(node.type)) return;
      for (const key of visitorKeys[node.type] ?? []) [node[key]].flat().filter(Boolean).forEach(report);
    }

    return {
      ChainExpression({ expression }) {
        const mayBeSkipped = [];
        let found = [];
        // From the end of the chain to its beginning; what stands before the first `?.` is always evaluated.
        for (let link = expression; link; link = link.callee ?? link.object ?? link.expression) {
          if (link.type === 'CallExpression') found.push(...link.arguments);
          if (link.type === 'MemberExpression' && link.computed) found.push(link.property);
          if (!link.optional) continue;
          mayBeSkipped.push(...found);
          found = [];
        }
        mayBeSkipped.forEach(report);
      },
    };
  },
};
