export const REAUTHENTICATE = `<% layout('@layout') %>
<%
const refused = it.problem ? ' aria-invalid="true" aria-describedby="problem"' : ' aria-describedby="why"';
%>
<section class="gate" aria-labelledby="title">
  <h1 id="title">Confirm it is you</h1>
  <p class="hint" id="why">What comes next is sensitive. Give the password of <b><%= it.user.username %></b> again.</p>
  <%~ include('@alert', { ...it, labels: { password: 'The password is' } }) %>
  <form class="form" method="post" action="<%= it.api %>/reauthenticate">
    <%~ include('@token', it) %>
    <input type="hidden" name="next" value="<%= it.page.next %>">
    <input class="for-managers" value="<%= it.user.username %>" autocomplete="username" tabindex="-1" aria-hidden="true" readonly>
    <div>
      <label for="password">Password</label>
      <input id="password" name="password" type="password" autocomplete="current-password" required autofocus<%~ refused %>>
    </div>
    <button class="primary">Go on</button>
  </form>
  <p><a href="<%= it.paths.account %>">Back to your account</a></p>
</section>
`;
