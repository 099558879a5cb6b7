/** Colours, type and what stands around a page, light and dark. */
export const BASE_STYLES = `:root {
  color-scheme: light dark;
  --page: #f4f1ea;
  --surface: #fffdf8;
  --sunken: #f0ece2;
  --ink: #22241f;
  --muted: #625d52;
  --line: #ddd6c7;
  --control: #8d8675;
  --accent: #1d5a4c;
  --accent-strong: #14463b;
  --on-accent: #ffffff;
  --glow: #8a5608;
  --danger: #9b2f1b;
  --danger-tint: #faeae4;
  --serif: Charter, 'Bitstream Charter', 'Sitka Text', Cambria, Georgia, serif;
  --sans: system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif;
  --mono: ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, 'Liberation Mono', monospace;
}

@media (prefers-color-scheme: dark) {
  :root {
    --page: #151816;
    --surface: #1d211e;
    --sunken: #272c28;
    --ink: #ebe7dc;
    --muted: #aaa496;
    --line: #363c37;
    --control: #7b8078;
    --accent: #86c9b0;
    --accent-strong: #a5dcc8;
    --on-accent: #10231d;
    --glow: #e3b15c;
    --danger: #f0a08c;
    --danger-tint: #3a241e;
  }
}

*,
::before,
::after {
  box-sizing: border-box;
}

[hidden] {
  display: none !important;
}

body {
  margin: 0;
  background: var(--page);
  color: var(--ink);
  font: 1rem/1.55 var(--sans);
  -webkit-text-size-adjust: 100%;
}

h1,
h2,
h3,
p,
dl,
dd,
ol,
ul {
  margin: 0;
}

h1,
h2 {
  font-family: var(--serif);
  font-weight: 600;
  line-height: 1.15;
  text-wrap: balance;
}

h1 {
  font-size: clamp(2rem, 1.5rem + 2.4vw, 3.1rem);
  letter-spacing: -0.015em;
}

h2 {
  font-size: 1.4rem;
}

h3 {
  font-size: 1rem;
  font-weight: 650;
}

code {
  font-family: var(--mono);
  font-size: 0.9em;
  overflow-wrap: anywhere;
}

a {
  color: var(--accent);
  text-underline-offset: 0.2em;
}

:focus-visible {
  outline: 3px solid var(--glow);
  outline-offset: 2px;
}

main:focus {
  outline: none;
}

.skip {
  position: absolute;
  left: 1rem;
  top: -4rem;
  padding: 0.5rem 1rem;
  background: var(--surface);
  border-radius: 0 0 8px 8px;
}

.skip:focus {
  top: 0;
  z-index: 1;
}

.top,
main {
  width: min(68rem, 100% - 2.5rem);
  margin-inline: auto;
}

.top {
  display: flex;
  align-items: center;
  justify-content: space-between;
  gap: 1rem;
  padding-block: 1.25rem;
  border-bottom: 1px solid var(--line);
}

.top p {
  color: var(--muted);
  font-size: 0.9rem;
}

.top-nav {
  display: flex;
  align-items: center;
  flex-wrap: wrap;
  justify-content: flex-end;
  gap: 0.25rem 1.25rem;
}

.top-nav a {
  padding-block: 0.6rem;
  font-weight: 600;
  text-decoration: none;
}

.top-nav a:hover {
  text-decoration: underline;
}

.top-nav [aria-current] {
  color: var(--ink);
  box-shadow: inset 0 -2px var(--accent);
}

.brand {
  display: inline-flex;
  align-items: center;
  gap: 0.65rem;
  color: var(--ink);
  font: 600 1.3rem/1 var(--serif);
  text-decoration: none;
}

.brand-wall {
  fill: var(--accent);
}

.brand-gate {
  fill: var(--page);
}

.brand-bars {
  fill: none;
  stroke: var(--accent);
  stroke-width: 1.4;
}

.lead {
  margin-top: 0.9rem;
  color: var(--muted);
  font-size: 1.125rem;
  text-wrap: pretty;
}

@media (max-width: 30rem) {
  .top,
  main {
    width: calc(100% - 2rem);
  }
  .top {
    padding-block: 0.9rem;
  }
  .top-nav {
    column-gap: 1rem;
  }
  .top:has(.top-nav form) .brand span {
    position: absolute;
    clip-path: inset(50%);
  }
}
`;
