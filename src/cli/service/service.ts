import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { HostError } from '../../kernel/errors.ts'
import { writeFileAtomically } from '../../storage/atomic-file.ts'
import { neverAgain } from '../exit-codes.ts'
import {
  launchdLabel,
  launchdPlist,
  type ServiceRun,
  serviceName,
  systemdUnit,
  windowsTask,
} from './service-files.ts'

export interface Ran {
  /** Null: there is no such program. */
  code: number | null
  out: string
}

/** This computer, as far as services need it. */
export interface Machine {
  platform: NodeJS.Platform
  home: string
  uid: number
  user: string
  /** Of the command line: `XDG_CONFIG_HOME`, `TEMP`. */
  env: NodeJS.ProcessEnv
  run(command: string, args: readonly string[]): Promise<Ran>
}

interface ServiceState {
  kind: 'systemd' | 'launchd' | 'task'
  /** What was written; null: Windows keeps it. */
  file: string | null
  installed: boolean
  running: boolean
}

interface Service {
  state(): Promise<ServiceState>
  /** Writes it and starts it; one that is there is replaced. `false`: it ends when its user signs out. */
  install(run: ServiceRun): Promise<{ lasts: boolean }>
  remove(): Promise<void>
}

/** Of `serve`: what would only fail again ends well, for systems that know no other way to leave a program alone. */
const quietly = (run: ServiceRun): ServiceRun => ({ ...run, args: [...run.args, '--as-service'] })

/** Throws HostError `service-unsupported` or, from its functions, `service-no-systemd` and `service-failed`. */
export function serviceOf(machine: Machine): Service {
  if (machine.platform === 'linux') return new SystemdService(machine)
  if (machine.platform === 'darwin') return new LaunchdService(machine)
  if (machine.platform === 'win32') return new TaskService(machine)
  throw new HostError({ code: 'service-unsupported', params: { platform: machine.platform } })
}

async function sure({ run }: Machine, command: string, args: readonly string[]): Promise<string> {
  const { code, out } = await run(command, args)
  if (code === 0) return out
  throw new HostError({
    code: 'service-failed',
    params: { command: [command, ...args].join(' '), said: out.trim().slice(-400) || String(code) },
  })
}

/** A line break would be another line of the file. */
function checkWords({ program, args, env }: ServiceRun): void {
  const words = [program, ...args, ...Object.keys(env), ...Object.values(env)]
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
  if (words.some((word) => /[\x00-\x1f\x7f]/.test(word)))
    throw new HostError({ code: 'service-control-characters' })
}

class SystemdService implements Service {
  readonly #machine: Machine
  readonly #file: string

  constructor(machine: Machine) {
    this.#machine = machine
    const { env, home } = machine
    const config = env.XDG_CONFIG_HOME
    const folder = config && isAbsolute(config) ? config : join(home, '.config')
    this.#file = join(folder, 'systemd', 'user', `${serviceName}.service`)
  }

  async state(): Promise<ServiceState> {
    const { code } = await this.#machine.run('systemctl', ['--user', 'is-active', '--quiet', serviceName])
    return { kind: 'systemd', file: this.#file, installed: existsSync(this.#file), running: code === 0 }
  }

  async install(run: ServiceRun): Promise<{ lasts: boolean }> {
    checkWords(run)
    await this.#checkThere()
    await mkdir(join(this.#file, '..'), { recursive: true })
    await writeFileAtomically(this.#file, systemdUnit(run, neverAgain))
    await this.#systemctl('daemon-reload')
    await this.#systemctl('enable', serviceName)
    await this.#systemctl('restart', serviceName)
    // Otherwise it begins with the first sign-in and ends with the last sign-out. Some systems let no user say that.
    return { lasts: (await this.#machine.run('loginctl', ['enable-linger'])).code === 0 }
  }

  async remove(): Promise<void> {
    await this.#checkThere()
    await this.#machine.run('systemctl', ['--user', 'disable', '--now', serviceName])
    await rm(this.#file, { force: true })
    await this.#systemctl('daemon-reload')
  }

  #systemctl(...args: string[]): Promise<string> {
    return sure(this.#machine, 'systemctl', ['--user', ...args])
  }

  async #checkThere(): Promise<void> {
    const { code, out } = await this.#machine.run('systemctl', ['--user', 'show-environment'])
    if (code !== 0) throw new HostError({ code: 'service-no-systemd', detail: out.slice(-400) })
  }
}

class LaunchdService implements Service {
  readonly #machine: Machine
  readonly #file: string

  constructor(machine: Machine) {
    this.#machine = machine
    this.#file = join(machine.home, 'Library', 'LaunchAgents', `${launchdLabel}.plist`)
  }

  async state(): Promise<ServiceState> {
    const { code, out } = await this.#machine.run('launchctl', ['print', `${this.#domain}/${launchdLabel}`])
    const running = code === 0 && /^\s*state = running$/m.test(out)
    return { kind: 'launchd', file: this.#file, installed: existsSync(this.#file), running }
  }

  async install(run: ServiceRun): Promise<{ lasts: boolean }> {
    checkWords(run)
    await mkdir(join(this.#file, '..'), { recursive: true })
    await writeFileAtomically(this.#file, launchdPlist(quietly(run)))
    await this.#bootout()
    await sure(this.#machine, 'launchctl', ['bootstrap', this.#domain, this.#file])
    return { lasts: false }
  }

  async remove(): Promise<void> {
    await this.#bootout()
    await rm(this.#file, { force: true })
  }

  get #domain(): string {
    return `gui/${this.#machine.uid}`
  }

  /** That it was not there is no failure. */
  async #bootout(): Promise<void> {
    await this.#machine.run('launchctl', ['bootout', `${this.#domain}/${launchdLabel}`])
  }
}

class TaskService implements Service {
  readonly #machine: Machine

  constructor(machine: Machine) {
    this.#machine = machine
  }

  async state(): Promise<ServiceState> {
    const { code, out } = await this.#machine.run('schtasks', [
      '/query',
      '/tn',
      'Drawbridge',
      '/fo',
      'csv',
      '/nh',
    ])
    return {
      kind: 'task',
      file: null,
      installed: code === 0,
      running: code === 0 && /"Running"\s*$/m.test(out),
    }
  }

  async install(run: ServiceRun): Promise<{ lasts: boolean }> {
    checkWords(run)
    const file = join(this.#machine.env.TEMP ?? this.#machine.home, `drawbridge-task-${process.pid}.xml`)
    try {
      // schtasks reads UTF-16 with its mark.
      const text = `\ufeff${windowsTask(quietly(run), this.#machine.user)}`
      await writeFileAtomically(file, Buffer.from(text, 'utf16le'))
      await sure(this.#machine, 'schtasks', ['/create', '/tn', 'Drawbridge', '/xml', file, '/f'])
    } finally {
      await rm(file, { force: true })
    }
    await sure(this.#machine, 'schtasks', ['/run', '/tn', 'Drawbridge'])
    return { lasts: false }
  }

  async remove(): Promise<void> {
    if (!(await this.state()).installed) return
    await this.#machine.run('schtasks', ['/end', '/tn', 'Drawbridge'])
    await sure(this.#machine, 'schtasks', ['/delete', '/tn', 'Drawbridge', '/f'])
  }
}
