export const CLOSED = `<% layout('@layout') %>
<section class="gate" aria-labelledby="title">
  <h1 id="title">This page was closed</h1>
  <p class="hint">Nothing happened on it for a while, so it was put away before somebody else reads it. If your session is over, you are asked to sign in.</p>
  <p class="card-foot"><a class="button" href="<%= it.page.next %>">Go on</a></p>
</section>
`;
