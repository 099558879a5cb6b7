/** Buttons, cards, badges and fields. */
export const CONTROL_STYLES = `button,
.button {
  display: inline-flex;
  align-items: center;
  justify-content: center;
  min-height: 2.75rem;
  padding: 0.4rem 1.2rem;
  border: 1px solid var(--control);
  border-radius: 9px;
  background: var(--surface);
  color: var(--ink);
  font: 600 1rem/1.2 var(--sans);
  text-decoration: none;
  cursor: pointer;
}

button:hover:enabled,
.button:hover {
  border-color: var(--accent);
  color: var(--accent);
}

.card {
  display: flex;
  flex-direction: column;
  gap: 1rem;
  padding: clamp(1.1rem, 3vw, 1.75rem);
  background: var(--surface);
  border: 1px solid var(--line);
  border-radius: 14px;
  min-width: 0;
}

.card-head {
  display: flex;
  align-items: center;
  justify-content: space-between;
  gap: 1rem;
  min-height: 2rem;
}

.badge {
  display: inline-flex;
  align-items: center;
  gap: 0.45rem;
  padding: 0.2rem 0.75rem;
  border: 1px solid var(--line);
  border-radius: 99px;
  background: var(--sunken);
  color: var(--muted);
  font-size: 0.85rem;
  font-weight: 600;
}

.badge::before {
  content: '';
  width: 0.55rem;
  height: 0.55rem;
  border-radius: 50%;
  border: 2px solid currentcolor;
}

.badge[data-active='true'] {
  color: var(--accent);
  border-color: currentcolor;
  background: transparent;
}

.badge[data-active='true']::before {
  background: currentcolor;
}

button:disabled {
  opacity: 0.5;
  cursor: not-allowed;
}

.primary {
  background: var(--accent);
  border-color: var(--accent);
  color: var(--on-accent);
}

.primary:hover:enabled {
  background: var(--accent-strong);
  color: var(--on-accent);
}

.danger {
  border-color: var(--danger);
  color: var(--danger);
}

.danger:hover:enabled {
  border-color: var(--danger);
  background: var(--danger-tint);
  color: var(--danger);
}

label {
  display: block;
  margin-bottom: 0.35rem;
  font-size: 0.9rem;
  font-weight: 600;
}

input {
  width: 100%;
  min-width: 0;
  min-height: 2.75rem;
  padding: 0.5rem 0.8rem;
  border: 1px solid var(--control);
  border-radius: 9px;
  background: var(--page);
  color: inherit;
  font: 1rem/1.6 var(--sans);
}
`;
