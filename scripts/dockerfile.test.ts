/**
 * The steps of the Dockerfile, without Docker: its commands, one after the other, in folders that stand for the images, from a copy that
 * `.dockerignore` lets through; then what it starts, and how its health is asked. Not shown: the base image, its user, layers.
 *
 *   DOCKERFILE=1 npx vitest run scripts/dockerfile.test.ts     # installs from the registry, a few minutes
 */
import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join, matchesGlob, relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const lines = readFileSync(join(root, 'Dockerfile'), 'utf8')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
const ignored = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n')
const allowed = ignored.filter((line) => line.startsWith('!')).map((line) => line.slice(1))
const never = ignored.filter((line) => line.startsWith('**'))

let work: string
/** The stand-ins of the paths in it. */
const here = (text: string) =>
  text
    .replaceAll(/(?<![\w/.])\/(build|app|data|usr)\b/g, `${work}/$1`)
    .replaceAll(/-[og] node\b/g, (owner) => `${owner.slice(0, 2)} ${userInfo().username}`)
const words = (line: string) => JSON.parse(line.slice(line.indexOf('['))) as string[]

function ran(command: string[], cwd: string, env: NodeJS.ProcessEnv): Promise<{ code: number; out: string }> {
  return new Promise((resolve) => {
    const child = spawn(command[0]!, command.slice(1), { cwd, env })
    let out = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (part: string) => {
        out += part
      })
    child.on('close', (code) => resolve({ code: code ?? -1, out }))
  })
}

describe.skipIf(!process.env.DOCKERFILE)('the Dockerfile, step by step', () => {
  let cwd = ''
  const env: NodeJS.ProcessEnv = { ...process.env }
  beforeAll(() => {
    work = mkdtempSync(join(tmpdir(), 'drawbridge-image-'))
    mkdirSync(join(work, 'usr/local/bin'), { recursive: true })
    Object.assign(env, {
      HOME: work,
      PATH: `${join(work, 'usr/local/bin')}:${process.env.PATH}`,
      NODE_ENV: '',
    })
  })
  afterAll(() => rmSync(work, { recursive: true, force: true }))

  function copy(line: string): void {
    const [, from, what = ''] = /^COPY (--from=\S+ )?(.*)$/.exec(line)!
    const names = what.split(' ')
    const to = join(cwd, names.pop()!)
    for (const name of names.flatMap((one) => (one === '.' ? allowed : [one]))) {
      const source = from ? here(name) : join(root, name)
      const isOut = (path: string) => never.some((glob) => matchesGlob(relative(root, path), glob))
      const filter = from ? () => true : (path: string) => !isOut(path)
      const target =
        names.length > 1 || to.endsWith('/') || names[0] === '.' ? join(to, name.split('/').at(-1)!) : to
      cpSync(source, target, { recursive: true, filter, verbatimSymlinks: true })
    }
  }

  it('makes what it says', async () => {
    for (const line of lines) {
      const [word, ...rest] = line.split(' ')
      const text = here(rest.join(' '))
      if (word === 'WORKDIR') {
        cwd = text
        mkdirSync(cwd, { recursive: true })
      } else if (word === 'COPY') copy(line)
      else if (word === 'ENV')
        for (const pair of text.split(' '))
          env[pair.slice(0, pair.indexOf('='))] = pair.slice(pair.indexOf('=') + 1)
      else if (word === 'RUN') {
        const { code, out } = await ran(['/bin/sh', '-ec', text], cwd, env)
        expect(code, `${line}\n${out.slice(-3_000)}`).toBe(0)
      } else
        expect(['FROM', 'USER', 'VOLUME', 'STOPSIGNAL', 'HEALTHCHECK', 'ENTRYPOINT', 'CMD']).toContain(word)
    }
    expect(existsSync(join(work, 'app/out/main/drawbridge.js'))).toBe(true)
    expect(statSync(join(work, 'data')).mode & 0o777).toBe(0o700)
  }, 900_000)

  it('starts, says that it is well, and ends when it is told to', async () => {
    const find = (word: string) => lines.find((line) => line.startsWith(word))!
    const start = [...words(find('ENTRYPOINT')), ...words(find('CMD'))].map(here)
    const child = spawn(start[0]!, start.slice(1), { cwd, env, stdio: 'ignore' })
    const ended = new Promise((resolve) => child.once('exit', resolve))
    const health = words(find('HEALTHCHECK')).map(here)
    let well = { code: -1, out: '' }
    for (let tries = 0; tries < 60 && well.code !== 0; tries += 1) {
      await sleep(500)
      well = await ran(health, cwd, env)
    }
    expect(well.code, well.out).toBe(0)
    expect(JSON.parse(well.out)).toMatchObject({ bridge: { state: 'local' } })
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
  }, 60_000)
})
