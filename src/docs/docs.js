window.SwaggerUIBundle({
  dom_id: '#routes',
  url: '/docs-json',
  deepLinking: true,
  defaultModelsExpandDepth: -1,
  validatorUrl: null,
});
