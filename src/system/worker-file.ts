/** Where the program of a thread is: beside the source as it is written, or in the build, where `electron.vite.config.ts` puts it. */
export function workerFile(module: string, source: string, built: string): URL {
  if (module.endsWith('.ts')) return new URL(source, module)
  return new URL(/\/chunks\/[^/]+$/.test(module) ? `../${built}` : built, module)
}
