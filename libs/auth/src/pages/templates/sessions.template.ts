export const SESSIONS = `<% layout('@layout') %>
<%
const { items, next } = it.page.sessions;
const when = (time) => { const { iso, exact, relative } = it.time(time); return '<time datetime="' + iso + '" title="' + exact + '">' + relative + '</time>'; };
const hasOthers = next !== null || items.some((session) => !session.current);
%>
<div class="page-head">
  <p class="back"><a href="<%= it.paths.account %>">Your account</a></p>
  <h1>Your sessions</h1>
  <p class="lead">Everywhere you are signed in. End what you do not know, and change your password.</p>
</div>
<% if (it.done) { %><p class="notice" role="status"><%= it.done %></p><% } %>
<ul class="devices">
  <% for (const session of items) { %>
  <li class="card device">
    <div class="device-what">
      <h2><%= session.device ?? 'Unknown device' %></h2>
      <% if (session.current) { %><p class="badge" data-active="true">This one</p><% } %>
    </div>
    <dl class="facts">
      <div><dt>Address</dt><dd><%= session.ip ?? 'unknown' %></dd></div>
      <div><dt>Signed in</dt><dd><%~ when(session.createdAt) %></dd></div>
      <div><dt>Last seen</dt><dd><%~ when(session.lastSeenAt) %></dd></div>
      <div><dt>Ends</dt><dd><%~ when(session.expiresAt) %></dd></div>
    </dl>
    <% if (!session.current) { %>
    <form class="card-foot" method="post" action="<%= it.api %>/sessions/<%= session.handle %>/end">
      <%~ include('@token', it) %>
      <button class="danger" aria-label="End the session of <%= session.device ?? 'the unknown device' %>, last seen <%= it.time(session.lastSeenAt).relative %>">End</button>
    </form>
    <% } %>
  </li>
  <% } %>
</ul>
<div class="page-foot">
  <% if (hasOthers) { %>
  <form method="post" action="<%= it.api %>/sessions/end">
    <%~ include('@token', it) %>
    <button class="danger">End all but this one</button>
  </form>
  <% } else { %><p class="hint">You are signed in nowhere else.</p><% } %>
  <% if (next !== null) { %><a class="button" rel="next" href="<%= it.paths.sessions %>?cursor=<%= encodeURIComponent(next) %>">Older sessions</a><% } %>
</div>
`;
