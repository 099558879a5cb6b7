window.SwaggerUIBundle({
  dom_id: '#routes',
  url: document.getElementById('routes').dataset.description,
  deepLinking: true,
  defaultModelsExpandDepth: -1,
  validatorUrl: null,
});
