/** A stand-in picture: hills, a light and windows, from a seed, as SVG. Only the demo uses it. */
export function paint(seed, width, height, look = {}) {
  const next = random(seed);
  const hue = Math.floor(next() * 360);
  const colour = (shift, light) => `hsl(${(hue + shift) % 360} ${look.grey ? 0 : look.vivid ? 92 : 58}% ${light}%)`;
  const towers = Array.from({ length: 26 }, (_, index) => tower(index, next, width, height, colour));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<defs><linearGradient id="s" x1="0" y1="0" x2="0" y2="1"><stop stop-color="${colour(0, 12)}"/><stop offset=".6" stop-color="${colour(50, 38)}"/><stop offset="1" stop-color="${colour(95, 62)}"/></linearGradient></defs>
<rect width="100%" height="100%" fill="url(#s)"/>
<circle cx="${width * (0.2 + next() * 0.6)}" cy="${height * 0.42}" r="${Math.min(width, height) * 0.16}" fill="${colour(110, 76)}" opacity=".9"/>
${towers.join('\n')}</svg>`;
}

function tower(index, next, width, height, colour) {
  const w = width * (0.03 + next() * 0.06);
  const x = (index / 26) * width - w / 4;
  const h = height * (0.16 + next() * 0.42);
  const lights = Array.from({ length: 8 }, () => {
    const [lx, ly] = [x + w * (0.15 + next() * 0.6), height - h * (0.1 + next() * 0.8)];
    return `<rect x="${lx}" y="${ly}" width="${w * 0.13}" height="${w * 0.2}" fill="${colour(140, 72)}" opacity="${0.4 + next() * 0.6}"/>`;
  });
  return `<rect x="${x}" y="${height - h}" width="${w}" height="${h}" fill="${colour(20, 8 + next() * 14)}"/>${lights.join('')}`;
}

function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
