/**
 * Runs our main process on the stand-in: `node run.ts [arguments of the app]`, with `STANDIN_APP` naming the folder
 * that Electron would be given (it holds package.json and the build). Started by `launch-app.ts`, which talks to it
 * over Node's own channel to child processes.
 */
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { control } from './control.ts'
import { becomeReady } from './electron.ts'
import { report } from './records.ts'

const root = process.env.STANDIN_APP ?? ''
const main = join(
  root,
  (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { main: string }).main,
)
const standin = pathToFileURL(join(import.meta.dirname, 'electron.ts')).href

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' || specifier.startsWith('electron/')
      ? { url: standin, shortCircuit: true }
      : next(specifier, context),
})

process.on(
  'message',
  async ({ id, name, args }: { id: number; name: keyof typeof control; args: never[] }) => {
    try {
      const act = control[name] as (...args: never[]) => unknown
      report({ id, value: act(...args) })
    } catch (error) {
      report({ id, error: (error as Error).message })
    }
  },
)
// Without the test there is nobody who would end us.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))

const evaluated = await Promise.race([
  import(pathToFileURL(main).href).then(() => true),
  delay(20_000, false, { ref: false }),
])
if (!evaluated)
  throw new Error('The main process was never evaluated to its end: does it await app.whenReady()?')
becomeReady()
