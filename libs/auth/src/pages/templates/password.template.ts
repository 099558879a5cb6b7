export const PASSWORD = `<% layout('@layout') %>
<%
const isRejected = it.problem?.code === 'password_rejected';
const isWrong = it.problem?.code === 'invalid_credentials';
const mustChange = it.user.mustChangePassword;
const describedBy = (isTheirs, ...others) => ' aria-describedby="' + [...(isTheirs ? ['problem'] : []), ...others].join(' ') + '"';
%>
<section class="gate" aria-labelledby="title">
  <h1 id="title"><%= mustChange ? 'Choose a password' : 'Change your password' %></h1>
  <% if (mustChange) { %>
  <p class="hint">Your password was set by somebody else. Choose one that only you know; then you can go on.</p>
  <% } else { %>
  <p class="hint">Your other sessions end with the change. You stay signed in here.</p>
  <% } %>
  <%~ include('@alert', { ...it, labels: { newPassword: 'The new password', currentPassword: 'The current password is' } }) %>
  <form class="form" method="post" action="<%= it.api %>/password">
    <%~ include('@token', it) %>
    <input type="hidden" name="next" value="<%= it.page.next %>">
    <input class="for-managers" value="<%= it.user.username %>" autocomplete="username" tabindex="-1" aria-hidden="true" readonly>
    <div>
      <label for="current">Current password</label>
      <input id="current" name="currentPassword" type="password" autocomplete="current-password" required<% if (!isRejected) { %> autofocus<% } %><% if (isWrong) { %> aria-invalid="true"<% } %><% if (it.problem && !isRejected) { %><%~ describedBy(true) %><% } %>>
    </div>
    <div>
      <label for="new">New password</label>
      <input id="new" name="newPassword" type="password" autocomplete="new-password" required<% if (isRejected) { %> autofocus aria-invalid="true"<% } %><%~ describedBy(isRejected, 'rule') %>>
      <p class="hint" id="rule">At least <%= it.minLength %> characters of any kind. A few words in a row are easy to keep in mind.</p>
    </div>
    <button class="primary">Change the password</button>
  </form>
  <% if (!mustChange) { %><p><a href="<%= it.paths.account %>">Back to your account</a></p><% } %>
</section>
`;
