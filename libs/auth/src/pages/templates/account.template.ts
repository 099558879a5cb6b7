export const ACCOUNT = `<% layout('@layout') %>
<%
const account = it.page.account;
const when = (time) => { const { iso, exact, relative } = it.time(time); return '<time datetime="' + iso + '" title="' + exact + '">' + relative + '</time>'; };
%>
<div class="page-head">
  <h1>Your account</h1>
  <p class="lead">Signed in as <b><%= account.username %></b></p>
</div>
<% if (it.done) { %><p class="notice" role="status"><%= it.done %></p><% } %>
<div class="cards">
  <section class="card" aria-labelledby="you">
    <h2 id="you">You</h2>
    <dl class="facts">
      <div><dt>Username</dt><dd><%= account.username %></dd></div>
      <div><dt>Roles</dt><dd><%= account.roles.join(', ') || 'none' %></dd></div>
      <div><dt>Account made</dt><dd><%~ when(account.createdAt) %></dd></div>
    </dl>
  </section>
  <section class="card" aria-labelledby="password">
    <h2 id="password">Password</h2>
    <dl class="facts">
      <div><dt>Last changed</dt><dd><% if (account.passwordChangedAt === null) { %>never<% } else { %><%~ when(account.passwordChangedAt) %><% } %></dd></div>
    </dl>
    <p class="hint">It never runs out. Change it if somebody else may know it.</p>
    <p class="card-foot"><a class="button" href="<%= it.paths.password %>">Change the password</a></p>
  </section>
  <section class="card" aria-labelledby="sessions">
    <h2 id="sessions">Sessions</h2>
    <dl class="facts">
      <div><dt>Signed in here</dt><dd><%~ when(account.signedInAt) %></dd></div>
      <div><dt>Ends at the latest</dt><dd><%~ when(account.endsAt) %></dd></div>
      <div><dt>Outlives the browser</dt><dd><%= account.isRemembered ? 'yes' : 'no' %></dd></div>
    </dl>
    <p class="card-foot"><a class="button" href="<%= it.paths.sessions %>">See all your sessions</a></p>
  </section>
</div>
`;
