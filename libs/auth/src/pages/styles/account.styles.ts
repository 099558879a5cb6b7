/** Forms, facts and sessions. */
export const ACCOUNT_STYLES = `.quiet {
  min-height: 2.4rem;
  padding: 0.3rem 0.9rem;
  font-size: 0.95rem;
}

.gate {
  display: grid;
  gap: 1.25rem;
  width: min(27rem, 100%);
  margin: clamp(1.5rem, 9vh, 6rem) auto 3rem;
  padding: clamp(1.25rem, 5vw, 2.25rem);
  border: 1px solid var(--line);
  border-radius: 14px;
  background: linear-gradient(var(--accent) 0 0) top / 100% 4px no-repeat var(--surface);
}

.gate h1 {
  font-size: 2rem;
}

.form {
  display: grid;
  gap: 1.1rem;
}

.form .primary {
  margin-top: 0.35rem;
}

.hint {
  color: var(--muted);
  font-size: 0.9rem;
  font-weight: 400;
}

.form .hint {
  margin-top: 0.4rem;
}

input[aria-invalid='true'] {
  border: 2px solid var(--danger);
}

input[type='checkbox'] {
  flex: none;
  width: 1.35rem;
  height: 1.35rem;
  min-height: 0;
  margin: 0.1rem 0 0;
  padding: 0;
  accent-color: var(--accent);
}

.check {
  display: flex;
  align-items: flex-start;
  gap: 0.7rem;
}

.check label {
  margin: 0;
  font-size: 1rem;
}

.check .hint {
  display: block;
  margin-top: 0.1rem;
}

.for-managers {
  position: absolute;
  width: 1px;
  height: 1px;
  min-height: 0;
  padding: 0;
  border: 0;
  overflow: hidden;
  clip-path: inset(50%);
}

.alert,
.notice {
  padding: 0.8rem 1rem;
  border: 1px solid currentcolor;
  border-left-width: 5px;
  border-radius: 9px;
  font-weight: 600;
}

.alert {
  background: var(--danger-tint);
  color: var(--danger);
}

.alert ul {
  margin-top: 0.35rem;
  padding-left: 1.1rem;
}

.notice {
  margin-bottom: 1.5rem;
  background: var(--surface);
  color: var(--accent);
}

.page-head {
  padding-block: clamp(1.75rem, 5vw, 3rem) clamp(1.25rem, 3vw, 2rem);
}

.back {
  margin-bottom: 0.75rem;
  font-size: 0.95rem;
}

.page-head h1 {
  font-size: clamp(1.9rem, 1.5rem + 1.6vw, 2.6rem);
}

.page-head .lead {
  margin-top: 0.5rem;
  overflow-wrap: anywhere;
}

.page-foot {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 0.75rem;
  margin-block: 1.5rem 4rem;
}

.cards {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr));
  gap: 1.25rem;
  margin-bottom: 4rem;
}

.card-foot {
  margin-top: auto;
}

.facts {
  display: grid;
  gap: 0.5rem;
}

.facts > div {
  display: flex;
  flex-wrap: wrap;
  justify-content: space-between;
  gap: 0 1rem;
}

.facts dt {
  color: var(--muted);
}

.facts dd {
  font-weight: 600;
  overflow-wrap: anywhere;
}

.devices {
  display: grid;
  gap: 1rem;
  padding: 0;
  list-style: none;
}

.device-what {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 0.5rem 0.9rem;
}

.device h2 {
  font-size: 1.2rem;
}

@media (min-width: 48rem) {
  .device {
    display: grid;
    grid-template-columns: minmax(0, 15rem) 1fr 5.5rem;
    align-items: center;
  }
  .device .facts {
    grid-template-columns: repeat(4, 1fr);
  }
  .device .facts > div {
    display: block;
  }
  .device .facts dt {
    font-size: 0.85rem;
  }
  .device .card-foot {
    margin: 0;
    justify-self: end;
  }
}
`;
