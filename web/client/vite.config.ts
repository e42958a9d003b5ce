import { defineConfig } from 'vitest/config';

// In development the page is at /static/ on Vite's own port; the API is whatever answers at STATIONTHIS_URL
// (the real server, or `node dev/demo.mjs`).
const server = process.env['STATIONTHIS_URL'] ?? 'http://127.0.0.1:8000';

export default defineConfig({
  base: '/static/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../static',
    rolldownOptions: { input: ['index.html', 'admin.html'] },
    emptyOutDir: true,
    target: 'es2022',
    // A data: URL would be fine for the policy, but separate files stay cacheable.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // The Host stays as the browser sent it: the server compares it with Origin.
  server: { proxy: { '/api': { target: server } } },
  test: { environment: 'node', include: ['src/**/*.test.ts', 'src/**/*.test.tsx'] },
});
