export const LOGIN = `<% layout('@layout') %>
<%
const refused = it.problem ? ' aria-describedby="problem"' : '';
const wrong = it.problem?.code === 'invalid_credentials' ? ' aria-invalid="true"' : '';
const labels = { username: 'The username is', password: 'The password is' };
%>
<section class="gate" aria-labelledby="title">
  <h1 id="title">Sign in</h1>
  <% if (it.user) { %>
  <p class="hint">You are signed in as <b><%= it.user.username %></b>. <a href="<%= it.page.next %>">Go on as this user</a>, or sign in as another one.</p>
  <% } %>
  <%~ include('@alert', { ...it, labels }) %>
  <form class="form" method="post" action="<%= it.api %>/login">
    <%~ include('@token', it) %>
    <input type="hidden" name="next" value="<%= it.page.next %>">
    <div>
      <label for="username">Username</label>
      <input id="username" name="username" value="<%= it.page.username %>" autocomplete="username" autocapitalize="none" spellcheck="false" required<%~ wrong %><%~ refused %><% if (!it.page.username) { %> autofocus<% } %>>
    </div>
    <div>
      <label for="password">Password</label>
      <input id="password" name="password" type="password" autocomplete="current-password" required<%~ wrong %><%~ refused %><% if (it.page.username) { %> autofocus<% } %>>
    </div>
    <% if (it.canRemember) { %>
    <div class="check">
      <input id="remember" name="remember" type="checkbox" value="true" aria-describedby="remember-hint"<% if (it.page.remember) { %> checked<% } %>>
      <label for="remember">Stay signed in <span class="hint" id="remember-hint">Not on a computer that others use.</span></label>
    </div>
    <% } %>
    <button class="primary">Sign in</button>
  </form>
</section>
`;
