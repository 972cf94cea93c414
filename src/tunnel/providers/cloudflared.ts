/** Cloudflare's program, as both of its ways need it: developers.cloudflare.com, “Tunnel run parameters”, “Monitoring”. */

import { writeFile } from 'node:fs/promises'
import { get } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { parseJson } from '../../kernel/exact-json.ts'
import type { HelperProcess, ProgramFile } from '../helper-process.ts'
import { TunnelFailure } from '../tunnel-failure.ts'
import type { OpenTunnel, ProviderKit } from './provider.ts'

export const cloudflaredFile: ProgramFile = {
  id: 'cloudflared',
  title: 'cloudflared',
  from: 'https://developers.cloudflare.com/cloudflare-one/connections/connect-networks/downloads/',
  command: 'cloudflared',
  places: [
    '/usr/local/bin/cloudflared',
    '/opt/homebrew/bin/cloudflared',
    'C:\\Program Files (x86)\\cloudflared\\cloudflared.exe',
    'C:\\Program Files\\cloudflared\\cloudflared.exe',
  ],
}

/** Older ones put tokens where everybody can read them, or do not know `/quicktunnel`. */
const oldest = [2025, 4]

/** While it reconnects by itself, a few of its answers may say no. */
const patience = 3

export interface Cloudflared {
  helper: HelperProcess
  /** What its metrics server answers at a path; null: nothing, or nothing good. */
  ask(path: string): Promise<string | null>
  /** Once it has a connection. `origin`: of the open tunnel. */
  opened(origin: string): OpenTunnel
  close(): Promise<void>
}

/** Starts it and waits until it says where it is to be asked. Throws TunnelFailure. */
export async function startCloudflared(
  kit: ProviderKit,
  run: {
    args: readonly string[]
    env?: Readonly<Record<string, string>>
    /** Rules that are not kept at Cloudflare. */
    ingress?: readonly { hostname?: string; service: string }[]
    wrong(line: string): TunnelFailure | undefined
  },
  signal: AbortSignal,
): Promise<Cloudflared> {
  await checkVersion(kit, signal)
  // What the user has in `.cloudflared` is for other tunnels.
  const folder = await kit.folder()
  const config = join(folder.path, 'config.yml')
  // JSON is YAML.
  await writeFile(config, run.ingress ? JSON.stringify({ ingress: run.ingress }) : '', { mode: 0o600 })
  const helper = await kit
    .start({
      ...cloudflaredFile,
      args: ['tunnel', '--no-autoupdate', '--config', config, '--metrics', '127.0.0.1:0', ...run.args],
      ...(run.env && { env: run.env }),
    })
    .catch(async (error) => {
      await folder.remove()
      throw error
    })
  const close = async () => {
    await helper.close()
    await folder.remove()
  }
  try {
    const found = await helper.said(
      (line) => run.wrong(line) ?? /metrics server on (127\.0\.0\.1:\d+)/.exec(line)?.[1],
      signal,
    )
    if (found instanceof TunnelFailure) throw found
    const ask = (path: string) => askHere(`http://${found}${path}`)
    const wrong = helper.said(run.wrong, signal)
    wrong.catch(() => {})
    while ((await ask('/ready')) === null) {
      const failure = await Promise.race([wrong, sleep(150, undefined, { signal })])
      if (failure) throw failure
    }
    return { helper, ask, close, opened: (origin) => opened(origin, { helper, ask, close }) }
  } catch (error) {
    await close()
    throw error
  }
}

function opened(origin: string, { helper, ask, close }: Omit<Cloudflared, 'opened'>): OpenTunnel {
  let misses = 0
  let trouble = () => {}
  helper.onLine((line) => {
    if (/Lost connection|Connection terminated|no more connections active/i.test(line)) trouble()
  })
  return {
    origin,
    idle: () => 1,
    async isUp() {
      misses = (await ask('/ready')) === null ? misses + 1 : 0
      return misses < patience
    },
    onTrouble(listen) {
      trouble = listen
    },
    onLost: (listen) => helper.onExit(listen),
    close,
  }
}

/** Throws TunnelFailure `tunnel-too-old` or `tunnel-helper-missing`. */
export async function checkVersion(
  kit: Pick<ProviderKit, 'ask' | 'getting'>,
  signal: AbortSignal,
): Promise<void> {
  const { out } = await kit.ask({ ...cloudflaredFile, args: ['--version'] }, signal)
  const [, year = 0, month = 0] = (/(\d{4})\.(\d+)\.\d+/.exec(out) ?? []).map(Number)
  if (year > oldest[0]! || (year === oldest[0] && month >= oldest[1]!)) return
  throw new TunnelFailure({
    code: 'tunnel-too-old',
    params: { title: cloudflaredFile.title },
    action: kit.getting(cloudflaredFile),
    detail: out.slice(0, 100),
  })
}

/** From its metrics server, on this computer; null: no good answer. */
function askHere(url: string): Promise<string | null> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: 2_000 }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        if (text.length < 1_000_000) text += part
      })
      response.on('end', () => resolve(response.statusCode === 200 ? text : null))
      response.on('error', () => resolve(null))
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(null))
  })
}

const Config = z.object({
  config: z.object({ ingress: z.array(z.object({ hostname: z.string().optional(), service: z.string() })) }),
})
const Quick = z.object({ hostname: z.string().min(1) })

/** The name that a quick tunnel was given. */
export const quickName = async ({ ask }: Cloudflared): Promise<string | undefined> =>
  Quick.safeParse(parseJson((await ask('/quicktunnel')) ?? '')).data?.hostname

/** Of the rules that were set up at Cloudflare, what leads to this port: a whole name; undefined: nothing does. */
export async function nameLedTo(port: number, { ask }: Cloudflared): Promise<string | undefined> {
  const rules = Config.safeParse(parseJson((await ask('/config')) ?? '')).data?.config.ingress ?? []
  return rules.find(({ hostname, service }) => {
    if (!hostname || hostname.includes('*') || !URL.canParse(service)) return false
    const url = new URL(service)
    return ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname) && url.port === String(port)
  })?.hostname
}
