export const STAFF = `<% layout('@layout') %>
<%
const { items, next } = it.page.sessions;
const when = (time) => { const { iso, exact, relative } = it.time(time); return '<time datetime="' + iso + '" title="' + exact + '">' + relative + '</time>'; };
%>
<div class="page-head">
  <h1>Who is signed in</h1>
  <p class="lead">The live sessions of all users, newest first.</p>
</div>
<% if (items.length === 0) { %>
<p class="hint"><%= it.page.isFirst ? 'Nobody is signed in.' : 'No further sessions.' %></p>
<% } else { %>
<div class="card table-card">
  <table class="people">
    <thead><tr><th scope="col">User</th><th scope="col">Device</th><th scope="col">Address</th><th scope="col">Signed in</th><th scope="col">Last seen</th><th scope="col">Ends</th></tr></thead>
    <tbody>
      <% for (const session of items) { %>
      <tr>
        <th scope="row"><%= session.user ?? 'account is gone' %><% for (const role of session.roles) { %> <span class="role"><%= role %></span><% } %></th>
        <td data-label="Device"><%= session.device ?? 'unknown' %></td>
        <td data-label="Address"><%= session.ip ?? 'unknown' %></td>
        <td data-label="Signed in"><%~ when(session.createdAt) %></td>
        <td data-label="Last seen"><%~ when(session.lastSeenAt) %></td>
        <td data-label="Ends"><%~ when(session.expiresAt) %></td>
      </tr>
      <% } %>
    </tbody>
  </table>
</div>
<% } %>
<div class="page-foot">
  <% if (!it.page.isFirst) { %><a class="button" href="<%= it.paths.staff %>">Newest sessions</a><% } %>
  <% if (next !== null) { %><a class="button" rel="next" href="<%= it.paths.staff %>?cursor=<%= encodeURIComponent(next) %>">Older sessions</a><% } %>
</div>
`;
