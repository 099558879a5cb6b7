/** A table that becomes a list on a narrow screen. */
export const PEOPLE_STYLES = `.role {
  display: inline-block;
  padding: 0 0.55rem;
  border: 1px solid var(--line);
  border-radius: 99px;
  background: var(--sunken);
  color: var(--muted);
  font-size: 0.8rem;
  font-weight: 600;
}

.table-card {
  padding-block: 0.5rem;
}

.people {
  width: 100%;
  border-collapse: collapse;
  text-align: left;
}

.people th,
.people td {
  padding: 0.7rem 1rem 0.7rem 0;
  vertical-align: top;
  overflow-wrap: anywhere;
}

.people thead th {
  color: var(--muted);
  font-size: 0.85rem;
}

.people tbody tr {
  border-top: 1px solid var(--line);
}

@media (max-width: 48rem) {
  .people thead {
    position: absolute;
    clip-path: inset(50%);
  }
  .people tr,
  .people th[scope='row'] {
    display: block;
  }
  .people tr {
    padding-block: 0.7rem;
  }
  .people tbody tr:first-child {
    border-top: 0;
  }
  .people td {
    display: flex;
    justify-content: space-between;
    gap: 1rem;
    text-align: right;
  }
  .people th[scope='row'],
  .people td {
    padding: 0.2rem 0;
  }
  .people td::before {
    content: attr(data-label);
    color: var(--muted);
  }
}
`;
