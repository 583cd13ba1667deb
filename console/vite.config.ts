// How the console is built: one static folder, with nothing inline, that the API's server hands out.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const api = 'http://127.0.0.1:7400';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  // A strict content-security policy admits no inline script and no data: font.
  build: { outDir: 'dist', modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
  // For `npx vite console`: the screens as they are written, over a bank that runs.
  server: {
    proxy: Object.fromEntries(
      ['/v1', '/auth', '/oidc', '/problems', '/docs', '/openapi.json'].map((path) => [path, api]),
    ),
  },
});
