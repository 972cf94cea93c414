/**
 * Stand-ins for `cloudflared`, `ngrok` and `tailscale`, run as programs: `node fixture-programs.ts <which> <port of the edge> <folder>
 * …arguments`. They take the arguments that the real ones document, print the lines that those print, and hold a name at the edge
 * (fixture-edge.ts). What they do not show: the services themselves, their protocols, names in DNS.
 */
import { spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

const [, , which = '', edgePort = '', folder = '', ...args] = process.argv
const after = (flag: string): string =>
  args.find((one) => one.startsWith(`${flag}=`))?.slice(flag.length + 1) ?? args[args.indexOf(flag) + 1] ?? ''
const log = (line: string): void => void process.stderr.write(`${line}\n`)

interface Registered {
  name: string
  ingress: { hostname?: string; service: string }[]
}

/** Holds the name, and tells when it is there, gone, or refused. Reconnects by itself, as the real ones do. */
function hold(
  name: string,
  target: (told: Registered) => string,
  tell: { up(told: Registered): void; down(): void; refused(why: string): void },
): void {
  let wanted = name
  const connect = (to: string) => {
    const again = () => {
      tell.down()
      setTimeout(() => connect(to), 15)
    }
    request(
      {
        port: Number(edgePort),
        path: '/register',
        method: 'POST',
        agent: false,
        headers: { 'x-name': wanted, 'x-target': to },
      },
      (res) => {
        let text = ''
        res.setEncoding('utf8').on('data', (part: string) => {
          text += part
          if (res.statusCode !== 200 || !text.endsWith('\n')) return
          const told = JSON.parse(text) as Registered
          text = ''
          const led = target(told)
          if (led !== to) {
            to = led
            wanted = told.name
            res.removeAllListeners('close')
            res.destroy()
            connect(to)
          } else {
            wanted = told.name
            tell.up(told)
          }
        })
        res.on('end', () => res.statusCode !== 200 && tell.refused(text))
        res.on('error', () => {})
        res.on('close', () => res.statusCode === 200 && again())
      },
    )
      .on('error', again)
      .end()
  }
  connect(target({ name, ingress: [] }))
}

function cloudflared(): void {
  if (args.includes('--version')) {
    process.stdout.write(
      `${existsSync(join(folder, 'old')) ? 'cloudflared version 2024.1.0' : 'cloudflared version 2026.8.1'} (built 2026-08-20-1200 UTC)\n`,
    )
    return
  }
  if (args[1] === 'login') {
    signIn()
    return
  }
  if (args[1] === '--origincert') {
    process.stdout.write(account(args.slice(3)))
    return
  }
  appendFileSync(join(folder, 'starts'), '.')
  if (existsSync(join(folder, 'ends'))) process.exit(1)
  const isQuick = !args.includes('run')
  // A file of the user's disturbs it, so one has to be named: empty, or with the rules that are not kept at Cloudflare.
  const config = readFileSync(after('--config'), 'utf8')
  const own = config === '' ? null : (JSON.parse(config) as Pick<Registered, 'ingress'>).ingress
  if (!isQuick && !process.env.TUNNEL_TOKEN?.startsWith('eyJ')) {
    log('ERR Provided Tunnel token is not valid.')
    process.exit(1)
  }
  let ready = false
  let told: Registered | null = null
  const metrics = createServer((req: IncomingMessage, res) => {
    if (req.url === '/ready')
      res.writeHead(ready ? 200 : 503).end(JSON.stringify({ readyConnections: ready ? 4 : 0 }))
    else if (req.url === '/quicktunnel') res.end(JSON.stringify({ hostname: told?.name ?? '' }))
    else if (req.url === '/config')
      res.end(JSON.stringify({ version: 1, config: { ingress: told?.ingress ?? [] } }))
    else res.writeHead(404).end()
  })
  const listen = () =>
    metrics.listening ||
    metrics.listen(0, '127.0.0.1', () =>
      log(
        `2026-09-01T10:00:00Z INF Starting metrics server on 127.0.0.1:${(metrics.address() as AddressInfo).port}/metrics`,
      ),
    )
  if (isQuick) log('2026-09-01T10:00:00Z INF Requesting new quick Tunnel on trycloudflare.com...')
  else listen()
  hold(
    isQuick ? '' : (own?.[0]?.hostname ?? 'tunnel'),
    ({ ingress }) => (isQuick ? after('--url') : ((own ?? ingress)[0]?.service ?? 'http://127.0.0.1:9')),
    {
      up(now) {
        told = now
        ready = true
        listen()
        log('2026-09-01T10:00:01Z INF Registered tunnel connection connIndex=0 protocol=quic')
      },
      down() {
        if (ready) log('2026-09-01T10:00:02Z WRN Lost connection with the edge connIndex=0')
        ready = false
      },
      refused(why) {
        log(
          isQuick
            ? `failed to unmarshal quick Tunnel: invalid character 'e' looking for beginning of value: ${why}`
            : `ERR Register tunnel error from server side error="Unauthorized: ${why}"`,
        )
        process.exit(1)
      },
    },
  )
}

const zone = {
  zoneID: '023e105f4ecef8ad9ca31a8372d0c353',
  accountID: 'account-0001',
  apiToken: 'token-of-the-certificate-0001',
}

/** `tunnel login`: gives a page, and waits for what `signed-in` in the folder stands for. */
function signIn(): void {
  const home = process.env.HOME!
  const cert = join(home, '.cloudflared', 'cert.pem')
  if (existsSync(cert)) {
    log(`ERR You have an existing certificate at ${cert} which login would overwrite.`)
    process.exit(1)
  }
  mkdirSync(join(home, '.cloudflared'), { recursive: true, mode: 0o700 })
  const url =
    state('page') ??
    'https://dash.cloudflare.com/argotunnel?aud=&callback=https%3A%2F%2Flogin.cloudflareaccess.org%2Fkey-of-this-sign-in%3D'
  const opened = spawnSync('xdg-open', [url]).error === undefined
  log(
    opened
      ? 'A browser window should have opened at the following URL:'
      : 'Please open the following URL and log in with your Cloudflare account:',
  )
  log(`\n${url}\n`)
  log('Leave cloudflared running to download the cert automatically.')
  setInterval(() => {
    const how = state('signed-in')
    if (how === null) return
    if (how === 'no') {
      log('ERR Failed to write the certificate.')
      process.exit(1)
    }
    const block = Buffer.from(JSON.stringify(zone)).toString('base64')
    writeFileSync(cert, `-----BEGIN ARGO TUNNEL TOKEN-----\n${block}\n-----END ARGO TUNNEL TOKEN-----\n`)
    log('INF You have successfully logged in.')
    process.exit(0)
  }, 20)
}

interface Account {
  tunnels: { id: string; name: string; connections: object[] }[]
  /** By name under the zone: the tunnel, or what else it leads to. */
  records: Record<string, string>
}

/** `tunnel list`, `create`, `token`, `delete` and `route dns` with the certificate of a sign-in. */
function account([command = '', ...rest]: string[]): string {
  const fail = (why: string): never => {
    log(`2026-09-01T10:00:00Z ERR ${why}`)
    process.exit(1)
  }
  const cert = readFileSync(after('--origincert'), 'utf8').split('\n')[1]!
  if (JSON.parse(Buffer.from(cert, 'base64').toString()).apiToken !== zone.apiToken) fail('Unauthorized')
  if (state('refuses') === command) fail(`${command}: REST request failed: Unauthorized`)
  appendFileSync(join(folder, 'asked'), `${[command, ...rest].join(' ')}\n`)
  const known = JSON.parse(state('account') ?? '{"tunnels":[],"records":{}}') as Account
  const keep = () => writeFileSync(join(folder, 'account'), JSON.stringify(known))
  const found = known.tunnels.filter(({ name }) => name === after('--name'))
  if (command === 'list') return found.length ? JSON.stringify(found) : 'null\n'
  if (command === 'create') {
    const id = `f70ff985-a4ef-4643-bbbc-4a0ed4fc84${String(10 + known.tunnels.length)}`
    known.tunnels.push({ id, name: rest[0]!, connections: [] })
    keep()
    return `Tunnel credentials written to ${id}.json.\nCreated tunnel ${rest[0]} with id ${id}\n`
  }
  const id = rest.at(command === 'route' ? -2 : -1)!
  if (!known.tunnels.some((one) => one.id === id))
    fail(`${id} is neither the ID nor the name of any of your tunnels`)
  if (command === 'token') {
    const held = { a: zone.accountID, t: id, s: 'c2VjcmV0LW9mLXRoZS10dW5uZWw=' }
    return `${Buffer.from(JSON.stringify(held)).toString('base64')}\n`
  }
  if (command === 'delete') {
    known.tunnels = known.tunnels.filter((one) => one.id !== id)
    keep()
    return ''
  }
  const name = state('no-domain') === null ? `${rest.at(-1)}.example.com` : rest.at(-1)!
  const before = known.records[name]
  const led =
    before === id
      ? `${name} is already configured to route to your tunnel`
      : `Added CNAME ${name} which will route to this tunnel`
  if (before !== undefined && before !== id && !rest.includes('--overwrite-dns'))
    fail(
      `Failed to add route: code: 1003, reason: Failed to create record ${name} with err An A, AAAA, or CNAME record with that host already exists.`,
    )
  known.records[name] = id
  keep()
  log(`2026-09-01T10:00:00Z INF ${led} tunnelID=${id}`)
  return ''
}

/** What a file of the folder says; null: it is not there. */
function state(file: string): string | null {
  return existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : null
}

function ngrok(): void {
  const say = (fields: object) =>
    process.stdout.write(`${JSON.stringify({ lvl: 'info', t: '2026-09-01T10:00:00Z', ...fields })}\n`)
  if (!process.env.NGROK_AUTHTOKEN) throw new Error('no token')
  if (!args.includes('--inspect=false')) throw new Error('everybody here could read what passes')
  const target = args[1]!
  const asked = args.find((one) => one.startsWith('--url='))?.slice('--url=https://'.length) ?? ''
  let started = false
  hold(asked, () => target, {
    up({ name }) {
      say({ msg: 'client session established', obj: 'tunnels.session' })
      if (!started)
        say({
          addr: target,
          msg: 'started tunnel',
          name: 'command_line',
          obj: 'tunnels',
          url: `https://${name}`,
        })
      started = true
    },
    down: () => say({ lvl: 'warn', msg: 'session closed, starting reconnect loop', obj: 'tunnels.session' }),
    refused(why) {
      say({ lvl: 'eror', msg: 'failed to auth', err: `${why}\r\n` })
      log(`ERROR:  ${why}`)
      process.exit(1)
    },
  })
}

function tailscale(): void {
  const name = 'mine.tail1234.ts.net'
  const [command, second] = args
  if (command === 'status') {
    const now = state('backend') ?? 'Running'
    if (now === 'none') {
      log('failed to connect to local Tailscale service; is Tailscale running?')
      process.exit(1)
    }
    process.stdout.write(
      `${JSON.stringify({ BackendState: now, ...(now === 'NeedsLogin' && { AuthURL: 'https://login.tailscale.com/a/1234' }), Self: { DNSName: `${name}.` } }, null, 2)}\n`,
    )
    return
  }
  if (command === 'serve' && second === 'status') {
    process.stdout.write(state('serving') ?? '{}')
    return
  }
  if (state('consent') !== null) {
    process.stdout.write(
      'Funnel is not enabled on your tailnet.\nTo enable, visit:\n\n         https://login.tailscale.com/f/funnel?node=n1\n\n',
    )
    setInterval(() => {}, 1_000)
    return
  }
  const serving = join(folder, 'serving')
  const end = () => {
    writeFileSync(serving, '{}')
    process.exit(0)
  }
  process.on('SIGTERM', end)
  let told = false
  hold(name, () => args.at(-1)!, {
    up() {
      writeFileSync(
        serving,
        JSON.stringify({
          Foreground: {
            s1: {
              TCP: { 443: { HTTPS: true } },
              AllowFunnel: { [`${name}:443`]: state('unproven') === null },
            },
          },
        }),
      )
      if (!told)
        process.stdout.write(
          `Available on the internet:\n\nhttps://${name}/\n|-- proxy ${args.at(-1)}\n\nPress Ctrl+C to exit.\n`,
        )
      told = true
    },
    down() {},
    refused: (why) => {
      log(why)
      process.exit(1)
    },
  })
}

const programs: Record<string, () => void> = { cloudflared, ngrok, tailscale }
programs[which]!()
