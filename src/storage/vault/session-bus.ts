import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'

const timeoutMs = 1_000

/**
 * Whether the D-Bus session bus answers (Linux; elsewhere always true). Asked before every use of the keychain after a
 * pause, because the native module waits for a silent bus for ever, and with it the whole process.
 */
export async function sessionBusAnswers(env: NodeJS.ProcessEnv): Promise<boolean> {
  if (process.platform !== 'linux') return true
  const runtime = env.XDG_RUNTIME_DIR
  const address =
    env.DBUS_SESSION_BUS_ADDRESS ||
    (runtime && existsSync(join(runtime, 'bus')) ? `unix:path=${join(runtime, 'bus')}` : '')
  if (address === '') return false
  const path = socketPath(address)
  return path === null ? true : answersAuth(path)
}

/** Of the first server address (D-Bus specification, "Server Addresses"); null for transports other than unix. */
function socketPath(addresses: string): string | null {
  const [transport, pairs = ''] = addresses.split(';', 1)[0]!.split(/:(.*)/s)
  if (transport !== 'unix') return null
  for (const pair of pairs.split(',')) {
    const [key, value = ''] = pair.split(/=(.*)/s)
    if (key === 'path') return unescaped(value)
    if (key === 'abstract') return `\0${unescaped(value)}`
  }
  return null
}

const unescaped = (value: string): string =>
  value.replace(/%([0-9a-f]{2})/gi, (_all, hex) => String.fromCharCode(Number.parseInt(hex, 16)))

/** D-Bus specification, "Authentication Protocol": any word back will do. */
function answersAuth(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const end = (answer: boolean) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(answer)
    }
    const timer = setTimeout(() => end(false), timeoutMs)
    socket.on('connect', () => socket.write('\0AUTH\r\n'))
    socket.on('data', () => end(true))
    socket.on('error', () => end(false))
    socket.on('close', () => end(false))
  })
}
