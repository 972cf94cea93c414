import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { run } from '../../src/cli/run.ts'
import type { Approval } from '../../src/contract/approvals.ts'
import { createPrivateListener, type PrivateListener } from '../../src/control/private-listener.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { parseExact } from '../../src/kernel/exact-json.ts'
import { silentLog } from '../../src/kernel/log/log.ts'
import { type InProcess, startInProcess } from '../fixtures/in-process.ts'
import { hostileArguments } from './hostile-arguments.ts'
import { mcpHeaders, sendRaw } from './raw-requests.ts'

const seed = Number(process.env.ATTACK_SEED ?? 20261127)
const recorder = fileURLToPath(new URL('./fixture-recorder.ts', import.meta.url))
const record = join(mkdtempSync(join(tmpdir(), 'drawbridge-shown-')), 'received')

let under: InProcess
let listener: PrivateListener
let token: string
beforeAll(async () => {
  under = await startInProcess()
  const { host, dataDir } = under
  listener = createPrivateListener({
    ...{ port: 0, dispatch: host.dispatch, on: host.on, dataDir, clock: systemClock, log: silentLog },
  })
  await listener.listen()
  await under.ask('preferences.set', { requestsPerMinute: null })
  const server = await under.ask('servers.add', {
    ...{ kind: 'stdio', name: 'Recorder', command: process.execPath, args: [recorder, record] },
  })
  expect(server.error).toBeNull()
  ;({ token } = await under.ask('keys.create', {
    ...{ name: 'Asker', access: 'ask' },
  }))
})
afterAll(async () => {
  await listener?.close()
  await under?.stop()
})

/** What the command line printed, and how it ended. */
async function drawbridge(...argv: string[]): Promise<{ code: number; out: string }> {
  const out: string[] = []
  const code = await run(argv, {
    out: (line) => out.push(line),
    err: (line) => out.push(line),
    width: 40,
    env: { DRAWBRIDGE_DATA: under.dataDir },
    cwd: '/',
  })
  return { code, out: out.join('\n') }
}

/** The arguments as the command line prints them: from their heading to the bracket that closes them. */
const printed = (out: string): string => {
  const lines = out.split('\n')
  const from = lines.findIndex((line) => line.startsWith('Arguments ')) + 1
  const to = lines.findIndex((line, at) => at >= from && /^[{]?[}]$/.test(line))
  expect(from > 0 && to >= from, out.slice(0, 400)).toBe(true)
  return lines.slice(from, to + 1).join('\n')
}

/** As JSON goes to a program that reads line by line. */
const onOneLine = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[\u0085\u2028\u2029]/g,
    (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

const received = (): string[] => readFileSync(record, 'utf8').split('\n').filter(Boolean)
const calls = () => received().filter((line) => line.includes('"tools/call"'))

/** Nothing that a terminal or a reader would take for something else. */
const unseen = /(?!\n)[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u

it('500 hostile arguments: what was shown is what the server got, byte for byte, or it was refused with words', {
  timeout: 240_000,
}, async () => {
  const corpus = hostileArguments(seed)
  let ran = 0
  const refused: string[] = []
  for (const { name, json } of corpus) {
    writeFileSync(record, '')
    const asked = Promise.withResolvers<Approval>()
    const stop = under.host.on((event, payload) => {
      if (event === 'approvals.asked') asked.resolve(payload as Approval)
    })
    const answer = sendRaw(under, {
      method: 'POST',
      path: '/mcp',
      headers: mcpHeaders(token),
      body: `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"recorder__run","arguments":${json}}}`,
    })
    const first = await Promise.race([asked.promise, answer])
    stop()
    const told = `seed ${seed}, ${name}`
    if ('status' in first) {
      const { error, result } = JSON.parse(first.text)
      expect(error?.message ?? result.content[0].text, told).toMatch(/deep|more than Drawbridge can show/)
      expect(calls(), told).toEqual([])
      refused.push(name)
      continue
    }
    const details = await under.ask('approvals.get', { id: first.id })
    const list = await drawbridge('requests', '--full')
    const approved = await drawbridge('approve', first.id, '--yes')
    expect(approved.code, told).toBe(0)
    expect((await answer).text, told).toContain('done')
    const now = calls()
    expect(now.length, told).toBe(1)
    for (const shown of [details.arguments, printed(list.out), printed(approved.out)]) {
      expect(unseen.test(shown), told).toBe(false)
      // the very bytes, in their order: nothing left out, joined or added
      expect(now.at(-1), told).toContain(`"arguments":${onOneLine(parseExact(shown))}}`)
    }
    if (first.lineSeen !== null) {
      expect(first.lineSeen, told).toBe(details.seen)
      expect(JSON.parse(first.line.replace('recorder__run ', '')), told).toEqual(
        JSON.parse(details.arguments),
      )
    }
    ran += 1
  }
  console.log(`seed ${seed}: ${ran} shown and run, ${refused.length} refused`)
  expect(ran + refused.length).toBe(500)
  expect(refused.filter((name) => !/deep|too long|lines/.test(name))).toEqual([])
  expect(refused.length).toBeGreaterThanOrEqual(6)
  const rows = await under.ask('activity.list', { limit: 200 })
  expect(rows.every((row) => ['approved', 'refused'].includes(row.decision))).toBe(true)
})
