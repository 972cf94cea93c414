import { resolve } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'

const here = import.meta.dirname

/**
 * One build for both shells: `out/main/index.js` (Electron's main), `out/main/drawbridge.js` (the command line and the
 * headless shell, plain Node), `out/preload/index.cjs`, `out/renderer`. Everything but native modules is bundled.
 */
export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      externalizeDeps: { exclude: [] },
      rollupOptions: {
        input: { index: resolve(here, 'electron/main.ts'), drawbridge: resolve(here, 'src/cli/main.ts') },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      rollupOptions: {
        input: { index: resolve(here, 'electron/preload.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: resolve(here, 'renderer'),
    plugins: [react()],
    build: {
      outDir: resolve(here, 'out/renderer'),
      minify: true,
      rollupOptions: { input: resolve(here, 'renderer/index.html') },
    },
  },
})
