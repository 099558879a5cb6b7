/** What stands around every page. */
export const LAYOUT = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title><% if (it.problem) { %>Not done: <% } %><%= it.title %> · <%= it.appName %></title>
<link rel="icon" href="<%= it.asset('favicon.svg') %>" type="image/svg+xml">
<link rel="stylesheet" href="<%= it.asset('pages.css') %>">
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="top">
  <a class="brand" href="/">
    <svg viewBox="0 0 32 32" width="32" height="32" aria-hidden="true" focusable="false">
      <path class="brand-wall" d="M3 29V5h4v3h4V5h10v3h4V5h4v24z"/>
      <path class="brand-gate" d="M10 29V19a6 6 0 0 1 12 0v10z"/>
      <path class="brand-bars" d="M13 14.2V29M16 13v16M19 14.2V29M10 21h12M10 25h12"/>
    </svg>
    <span><%= it.appName %></span>
  </a>
  <% if (it.isSignedIn) { %>
  <nav class="top-nav" aria-label="Your account">
    <% if (it.user) { %>
    <a href="<%= it.paths.account %>"<% if (it.page.name === 'account') { %> aria-current="page"<% } %>>Account</a>
    <% if (it.user.roles.includes('admin')) { %>
    <a href="<%= it.paths.staff %>"<% if (it.page.name === 'staff') { %> aria-current="page"<% } %>>Staff</a>
    <% } %>
    <% } %>
    <form method="post" action="<%= it.api %>/logout">
      <%~ include('@token', it) %>
      <button class="quiet">Sign out</button>
    </form>
  </nav>
  <% } %>
</header>
<main id="content" tabindex="-1">
<%~ it.body %>
</main>
</body>
</html>
`;

/** The synchroniser token, where there is a signed-in session that wants one. */
export const TOKEN = `<% if (it.csrfToken) { %><input type="hidden" name="_csrf" value="<%= it.csrfToken %>"><% } %>`;

/** Why the form was refused. Its fields point here, so that a screen reader says it with the first of them. */
export const ALERT = `<% if (it.problem) { %>
<div class="alert" id="problem" role="alert">
  <p><%= it.problem.detail %></p>
  <% if (it.wait) { %><p>You can try again in <%= it.wait %>.</p><% } %>
  <% if (it.problem.errors?.length) { %>
  <ul>
    <% for (const error of it.problem.errors) { %><li><%= it.labels?.[error.field] ?? 'It' %> <%= error.message %></li><% } %>
  </ul>
  <% } %>
</div>
<% } %>`;
