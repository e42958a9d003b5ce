/** Line drawings on a 24-unit grid; they take the colour of the text around them. */
const PATHS = {
  menu: 'M4 7h16M4 12h10M4 17h16',
  plus: 'M12 5v14M5 12h14',
  close: 'M6 6l12 12M18 6L6 18',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  chevron: 'M9 6l6 6-6 6',
  left: 'M15 5l-7 7 7 7',
  right: 'M9 5l7 7-7 7',
  down: 'M12 5v14M6 13l6 6 6-6',
  send: 'M12 19V5M6 11l6-6 6 6',
  attach: 'M19.5 11.5l-7.6 7.6a4.6 4.6 0 01-6.5-6.5l8-8a3 3 0 014.3 4.3l-8 8a1.4 1.4 0 01-2-2l7.3-7.3',
  use: 'M10 7L5 12l5 5M5 12h9a5 5 0 015 5v2',
  download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  expand: 'M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7',
  retry: 'M20 12a8 8 0 11-2.5-5.8M20 3.5V8h-4.5',
  thumb: 'M7.5 10.5V20H4.5v-9.5zM7.5 10.5L11.4 3.6c1.5.2 2.4 1.4 2.1 2.9L12.9 9.6h4.9a2 2 0 012 2.3l-1.1 6.4a2 2 0 01-2 1.7H7.5',
  pin: 'M9 4h6l-.8 6 3.3 3.2v1.3h-11v-1.3L9.8 10zM12 14.5V20',
  pen: 'M5 19l1-4L16 5l3 3L9 18zM13.5 7.5l3 3',
  trash: 'M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7M10.3 10.5v5.5M13.7 10.5v5.5',
  spark: 'M12 3.5l1.9 5.6 5.6 1.9-5.6 1.9L12 18.5l-1.9-5.6L4.5 11l5.6-1.9zM18.5 17v4M16.5 19h4',
  sun: 'M12 8a4 4 0 100 8 4 4 0 000-8zM12 2.5V5M12 19v2.5M2.5 12H5M19 12h2.5M5.3 5.3L7 7M17 17l1.7 1.7M18.7 5.3L17 7M7 17l-1.7 1.7',
  moon: 'M19.5 14A8 8 0 0110 4.5 8 8 0 1019.5 14z',
  alert: 'M12 4L3.5 19h17zM12 10v4M12 16.6v.1',
  info: 'M12 4a8 8 0 100 16 8 8 0 000-16zM12 11v5M12 8v.1',
  photo: 'M4 6h16v12H4zM4 16l5-5 4 4 2.5-2.5L20 17M15.5 9.5v.1',
  film: 'M4 5h16v14H4zM8 5v14M16 5v14M4 12h4M16 12h4M4 8.5h4M4 15.5h4M16 8.5h4M16 15.5h4',
  sound: 'M4 10v4M8 7v10M12 4v16M16 8v8M20 10.5v3',
  cube: 'M12 3l8 4.5v9L12 21l-8-4.5v-9zM4 7.5l8 4.5 8-4.5M12 12v9',
  file: 'M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6',
  question: 'M9 9.5a3 3 0 115 2.2c-1.2.9-2 1.5-2 2.8M12 17.8v.1',
  coin: 'M12 4a8 8 0 100 16 8 8 0 000-16zM14.5 9.5c-.5-.8-1.4-1.2-2.5-1.2-1.5 0-2.6.7-2.6 1.8 0 2.6 5.2 1.2 5.2 3.8 0 1.1-1.1 1.8-2.6 1.8-1.1 0-2.1-.5-2.6-1.3M12 6.8v1.5M12 15.7v1.5',
  clock: 'M12 4a8 8 0 100 16 8 8 0 000-16zM12 8v4.5l3 2',
  stop: 'M8 8h8v8H8z',
  library: 'M5 5h5.5v5.5H5zM13.5 5H19v5.5h-5.5zM5 13.5h5.5V19H5zM16.2 13.2v6M13.2 16.2h6',
  wand: 'M4.5 19.5L13 11M16 4l1.1 2.9L20 8l-2.9 1.1L16 12l-1.1-2.9L12 8l2.9-1.1zM19 14.5v3M17.5 16h3',
  search: 'M11 5a6 6 0 100 12 6 6 0 000-12zM15.5 15.5L20 20',
  link: 'M10 14a4 4 0 005.7 0l2.6-2.6a4 4 0 00-5.7-5.7L11.5 6.8M14 10a4 4 0 00-5.7 0l-2.6 2.6a4 4 0 005.7 5.7l1.1-1.1',
  upload: 'M12 15V4M7 8l5-5 5 5M5 20h14',
  copy: 'M9 9h10v10H9zM15 9V5H5v10h4',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, flip = false }: { name: IconName; flip?: boolean }) {
  return (
    <svg class={flip ? 'icon icon-flip' : 'icon'} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
