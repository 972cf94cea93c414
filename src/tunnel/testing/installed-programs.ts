/** For tests: the stand-ins of fixture-programs.ts, as programs that are found and started like the real ones. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'

/** `folder`: theirs; they are in its `bin`. `edge`: the port of fixture-edge.ts. `first`: shell, before each is begun. */
export function installPrograms(
  folder: string,
  edge: number,
  first: (which: string) => string = () => '',
): void {
  const programs = join(folder, 'programs.mjs')
  // Without its types it starts in half the time.
  stripped ??= stripTypeScriptTypes(readFileSync(join(import.meta.dirname, 'fixture-programs.ts'), 'utf8'))
  writeFileSync(programs, stripped)
  mkdirSync(join(folder, 'bin'))
  for (const which of ['cloudflared', 'ngrok', 'tailscale']) {
    const file = join(folder, 'bin', which)
    writeFileSync(
      file,
      `#!/bin/sh\n${first(which)}exec '${process.execPath}' '${programs}' ${which} ${edge} '${folder}' "$@"\n`,
    )
    chmodSync(file, 0o755)
  }
}

let stripped: string | undefined
