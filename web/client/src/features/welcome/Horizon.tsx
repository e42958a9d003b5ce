/** A small landscape in the page's own colours: a light over three ranges of hills. */
export function Horizon() {
  return (
    <svg class="horizon" viewBox="0 0 240 116" aria-hidden="true" focusable="false">
      <defs>
        <linearGradient id="horizon-sky" x1="0" y1="0" x2="0" y2="1"><stop class="sky-1" /><stop class="sky-2" offset="0.62" /><stop class="sky-3" offset="1" /></linearGradient>
        <linearGradient id="horizon-sun" x1="0" y1="0" x2="0" y2="1"><stop class="sun-1" /><stop class="sun-2" offset="1" /></linearGradient>
        <clipPath id="horizon-frame"><rect width="240" height="116" rx="22" /></clipPath>
      </defs>
      <g clip-path="url(#horizon-frame)">
        <rect width="240" height="116" fill="url(#horizon-sky)" />
        <circle class="horizon-sun" cx="152" cy="66" r="24" fill="url(#horizon-sun)" />
        <path class="hill-1" d="M0 78C30 62 58 66 92 74s62-14 96-8 38 10 52 6v44H0z" />
        <path class="hill-2" d="M0 92c34-14 66-6 96 0s60-16 92-12 38 8 52 4v32H0z" />
        <path class="hill-3" d="M0 104c28-8 58-8 92-3s70-10 148 1v14H0z" />
      </g>
    </svg>
  );
}
