import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Reply } from '../../contract/pipe.ts'
import { silentLog } from '../../kernel/log/log.ts'
import { readControlFile } from '../control-file.ts'
import { createPrivateListener, type PrivateListener } from '../private-listener.ts'

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

export interface SendOptions {
  method?: string
  headers?: Record<string, string>
  body?: string
}

export interface FixtureOptions {
  ui: boolean
  /** Instead of the host that echoes. */
  dispatch?(name: string, input: unknown): Promise<Reply>
}

export const adminKey = `db_admin_${'A'.repeat(43)}`

/** A private listener on a free port, a small interface to serve, and a host that echoes. For tests. */
export async function startFixture(options: FixtureOptions = { ui: true }) {
  const dir = mkdtempSync(join(tmpdir(), 'control-'))
  const ui = join(dir, 'renderer')
  mkdirSync(join(ui, 'assets'), { recursive: true })
  writeFileSync(join(ui, 'index.html'), '<!doctype html><html><head><title>Drawbridge</title></head></html>')
  writeFileSync(join(ui, 'assets', 'index-Abc12345.js'), 'export {}')
  writeFileSync(join(dir, 'secret.txt'), 'outside the interface')
  const calls: { name: string; input: unknown }[] = []
  const listeners = new Set<(name: string, payload: unknown) => void>()
  const time = { now: 1_000_000 }
  const listener: PrivateListener = createPrivateListener({
    port: 0,
    dataDir: dir,
    clock: { now: () => time.now },
    log: silentLog,
    ui: options.ui ? { dir: ui } : undefined,
    mcpUrl: 'http://127.0.0.1:4000/mcp',
    isAdminKey: (text) => text === adminKey,
    on: (listen) => {
      listeners.add(listen)
      return () => void listeners.delete(listen)
    },
    dispatch: async (name, input) => {
      calls.push({ name, input })
      if (options.dispatch) return options.dispatch(name, input)
      if (name === 'bridge.lower') throw new Error('a secret detail')
      if (name === 'grants.revoke')
        return {
          ok: false,
          error: { code: 'grant-not-found', message: 'No such grant.', hint: 'Look again.' },
        }
      return { ok: true, value: { echo: input } }
    },
  })
  const { port } = await listener.listen()
  const key = readControlFile(dir)!.key

  const send = (path: string, { method = 'GET', headers, body }: SendOptions = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const req = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (res) => {
        let text = ''
        res.setEncoding('utf8').on('data', (part) => {
          text += part
        })
        res.on('end', () => resolve({ status: res.statusCode!, headers: res.headers, text }))
      })
      req.on('error', reject).end(body)
    })

  return {
    dir,
    listener,
    port,
    key,
    calls,
    time,
    send,
    emit: (name: string, payload: unknown) => {
      for (const listen of listeners) listen(name, payload)
    },
    own: `http://127.0.0.1:${port}`,
    byAdmin: { authorization: `Bearer ${adminKey}` },
    byKey: { authorization: `Bearer ${key}` },
    call: (headers: Record<string, string>, name = 'status.get', body = '{"input":{"a":1}}') =>
      send(`/api/call/${name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
      }),
    /** Lets a browser in, as a person does: the link, then the page. */
    async letIn(): Promise<{ cookie: string; csrf: string }> {
      const opened = await send(new URL(listener.oneTimeLink()).pathname)
      const cookie = opened.headers['set-cookie']![0]!.split(';')[0]!
      const index = await send('/', { headers: { cookie } })
      return { cookie, csrf: /name="drawbridge-csrf" content="([\w-]+)"/.exec(index.text)![1]! }
    },
    async close() {
      await listener.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

export type Fixture = Awaited<ReturnType<typeof startFixture>>
