import { resolve } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'
import license from 'rollup-plugin-license'
import type { Plugin } from 'vite'

const here = import.meta.dirname

/**
 * Escapes what is not ASCII, after minifying. V8 keeps the text of a program for as long as it runs, with two bytes per
 * character as soon as one of them needs it: this halves 5 MB of memory. Escapes mean the same everywhere but in
 * `String.raw` and after a backslash, which is checked.
 */
function oneByteText(): Plugin {
  return {
    name: 'one-byte-text',
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type !== 'chunk') continue
        if (/\braw`[^`]*[^\0-\x7f]|(?<!\\)(?:\\\\)*\\[^\0-\x7f]/.test(file.code))
          this.error(`${file.fileName}: text that is not ASCII in a raw template or after a backslash`)
        file.code = file.code.replace(
          /[^\0-\x7f]/g,
          (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
        )
      }
    },
  }
}

/**
 * Importing `node:http` as a module reads everything that it exports, and so loads Node's own undici: 3 MB of a quiet
 * host that nothing here uses. Asked for in this way, it is not read.
 */
function leanHttp(): Plugin {
  return {
    name: 'lean-http',
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type !== 'chunk') continue
        file.code = file.code.replace(
          /^import (\{[^}]+\}) from "node:http";$/gm,
          (_all, names: string) =>
            `const ${names.replaceAll(' as ', ': ')} = process.getBuiltinModule("node:http");`,
        )
        if (/^(?:import|export)\b[^;]*"(?:node:)?http";$/m.test(file.code))
          this.error(`${file.fileName}: imports node:http in another way than by names`)
      }
    },
  }
}

/**
 * The SDK's client and server bring an Ajv each, half a megabyte that is read at every start, and check with it what only
 * they send and get: our requests go around both (decisions 8 and 9). In its place is one that says that it was asked.
 */
function leanSdk(): Plugin {
  const lean = '\0lean-sdk'
  return {
    name: 'lean-sdk',
    enforce: 'pre',
    resolveId: (id) => (/^@modelcontextprotocol\/(?:client|server)\/_shims$/.test(id) ? lean : null),
    load: (id) =>
      id === lean
        ? `export const CORS_IS_POSSIBLE = false
export { default as process } from 'node:process'
export class DefaultJsonSchemaValidator {
  getValidator() {
    throw new Error('the SDK checks no schemas here')
  }
}`
        : null,
  }
}

/** What the licences of the packages in a bundle ask for: their texts go where the bundle goes. */
// Its types say that it is a module with a default; it is the function itself.
const notices = (file: string, also: readonly string[] = []): Plugin =>
  (license as unknown as typeof license.default)({
    thirdParty: {
      includePrivate: false,
      output: {
        file: resolve(here, 'out', file),
        template: (packages) => [...packages.map((one) => one.text()), ...also].join('\n\n---\n\n'),
      },
    },
  }) as Plugin

/** What a package has inside it without saying so in its licence. The text of the Apache License stands in the file, with others. */
const pdfjs = [
  'Name: pdf.js (in unpdf)',
  'License: Apache-2.0',
  'Repository: https://github.com/mozilla/pdf.js',
  'License Copyright:\n===\n\nCopyright Mozilla Foundation and the contributors of pdf.js',
].join('\n')

/**
 * One build for both shells: `out/main/index.js` (Electron's main), `out/main/drawbridge.js` (the command line and the
 * headless shell, plain Node), `out/preload/index.cjs`, `out/renderer`. Everything but native modules is bundled.
 */
export default defineConfig({
  main: {
    plugins: [oneByteText(), leanHttp(), leanSdk(), notices('main/third-party-notices.txt', [pdfjs])],
    build: {
      outDir: 'out/main',
      externalizeDeps: { exclude: [] },
      rollupOptions: {
        input: {
          index: resolve(here, 'electron/main.ts'),
          drawbridge: resolve(here, 'src/cli/main.ts'),
          // threads, which `src/system/worker-file.ts` finds by these names
          'notes-index': resolve(here, 'src/notes/index/index-worker.ts'),
          'notes-text': resolve(here, 'src/notes/text/text-worker.ts'),
          'connectors-reading': resolve(here, 'src/connectors/reading/reading-worker.ts'),
        },
        // without comments, which V8 would keep; names and lines stay: oidc-provider stores under the names of its
        // classes, and a stack must be readable
        output: {
          format: 'es',
          entryFileNames: '[name].js',
          chunkFileNames: 'chunks/[name]-[hash].js',
          minify: {
            compress: { keepNames: { function: true, class: true } },
            mangle: false,
            codegen: { removeWhitespace: false },
          },
        },
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
    plugins: [react(), notices('renderer/third-party-notices.txt')],
    build: {
      outDir: resolve(here, 'out/renderer'),
      minify: true,
      rollupOptions: { input: resolve(here, 'renderer/index.html') },
    },
  },
})
