import { type ChildProcess, spawn } from 'node:child_process'
import { homedir } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { say } from '../../locales/say.ts'
import { isHostError } from '../kernel/errors.ts'
import { childEnv } from './child-env.ts'
import { resolveCommand } from './resolve-command.ts'
import { searchPath } from './search-path.ts'

/** What keeps a system awake for as long as it runs, and ends when we do: its input closes then. */
function holderOf(platform: NodeJS.Platform): { command: string; args: readonly string[] } | null {
  if (platform === 'darwin') return { command: 'caffeinate', args: ['-i', 'cat'] }
  if (platform !== 'linux') return null
  const args = ['--what=sleep:idle', '--who=Drawbridge', `--why=${say('awake.why')}`, '--mode=block', 'cat']
  return { command: 'systemd-inhibit', args }
}
/** One that is refused ends by itself well before. Milliseconds. */
const refusedWithin = 400

/** Keeps this computer awake without Electron. False: there is no such program here, or the system refuses it. */
export function createKeepAwake(env: NodeJS.ProcessEnv, platform = process.platform) {
  let held: ChildProcess | null = null
  let asked = 0
  const release = () => {
    held?.stdin?.end()
    held?.kill()
    held = null
  }
  return async (on: boolean): Promise<boolean> => {
    release()
    asked += 1
    const mine = asked
    const holder = holderOf(platform)
    if (!on || holder === null) return false
    const folders = await searchPath(env)
    const command = find(holder.command, folders)
    // Meanwhile it may not be wanted any more.
    if (command === null || mine !== asked) return false
    const child = spawn(command, [...holder.args], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: childEnv(env, folders, {}),
    })
    held = child
    const ended = new Promise<boolean>((resolve) => {
      child.once('error', () => resolve(false))
      child.once('exit', () => resolve(false))
    })
    child.stdin.on('error', () => {})
    return Promise.race([ended, delay(refusedWithin, true, { ref: false })])
  }
}

function find(command: string, folders: readonly string[]): string | null {
  try {
    return resolveCommand(command, folders, { home: homedir(), cwd: null })
  } catch (error) {
    if (isHostError(error)) return null
    throw error
  }
}
