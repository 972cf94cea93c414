import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'

const kills = process.env.DRAWBRIDGE_LONG ? 300 : 20
const caller = join(import.meta.dirname, '../../testing/late-caller.ts')

/** What became of each call, as its client last heard. */
type Heard = Map<string, string>

async function liveAndDie(folder: string, name: string, heard: Heard): Promise<void> {
  const unheard = [...heard].filter(([, what]) => what === 'asked').map(([id]) => id)
  const child = spawn(process.execPath, [caller, folder, name, ...unheard], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', (chunk) => {
    if (text === '') setTimeout(() => child.kill('SIGKILL'), 20 + Math.random() * 300)
    text += chunk
  })
  await new Promise((done) => child.on('close', done))
  for (const line of text.split('\n').slice(0, -1)) {
    const [what, id] = line.split(' ') as [string, string]
    heard.set(id, what)
  }
}

it(`kill -9 during calls and late answers: none done twice, none missing (${kills} times)`, {
  timeout: 1_800_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'drawbridge-killed-'))
  const heard: Heard = new Map()
  for (let life = 0; life < kills; life += 1) await liveAndDie(folder, String(life), heard)
  const file = join(folder, 'executed')
  const executed = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
  const times = new Map<string, number>()
  for (const id of executed) times.set(id, (times.get(id) ?? 0) + 1)
  expect(
    [...times].filter(([, n]) => n > 1),
    'done twice',
  ).toEqual([])
  const db = new DatabaseSync(join(folder, 'activity.db'))
  const rows = db.prepare("SELECT arguments, outcome, decision FROM calls WHERE tool = 'files__write'").all()
  const rowsOf = (id: string) => rows.filter((row) => JSON.parse(String(row.arguments)).id === id)
  const answered = [...heard].filter(([, what]) => what === 'answered').map(([id]) => id)
  expect(
    answered.filter((id) => !rowsOf(id).some(({ outcome }) => outcome === 'answered')),
    'answered and not in the log',
  ).toEqual([])
  expect(
    executed.filter((id) => !rowsOf(id).some(({ decision }) => decision === 'approved')),
    'done and not in the log as allowed',
  ).toEqual([])
  expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  db.close()
  rmSync(folder, { recursive: true, force: true })
  const told = [...heard].filter(([, what]) => what === 'told').length
  console.log(
    `${kills} kills: ${executed.length} executed, ${answered.length} answered, ${told} told of after a kill`,
  )
  expect(answered.length).toBeGreaterThan(kills)
})
