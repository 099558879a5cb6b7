export const FAVICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="#1d5a4c" d="M3 29V5h4v3h4V5h10v3h4V5h4v24z"/>' +
  '<path fill="#f3d9a0" d="M10 29V19a6 6 0 0 1 12 0v10z"/>' +
  '<path fill="none" stroke="#1d5a4c" stroke-width="1.4" d="M13 14.2V29M16 13v16M19 14.2V29M10 21h12M10 25h12"/></svg>';
