/** The house mark: a lens with a light in it. */
export function Mark() {
  return (
    <svg viewBox="4 4 24 24" aria-hidden="true" focusable="false">
      <defs><linearGradient id="mark" x1="0" y1="0" x2="1" y2="1"><stop stop-color="#ff9a5c" /><stop offset="1" stop-color="#d6336c" /></linearGradient></defs>
      <path fill="none" stroke="url(#mark)" stroke-width="2.8" stroke-linecap="round" d="M16.5 7a9 9 0 108.5 8.6" />
      <circle cx="21.5" cy="10.5" r="3.7" fill="url(#mark)" />
    </svg>
  );
}
