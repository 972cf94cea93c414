import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'code-cache-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** In a process of its own, since what it sets is for the whole process. */
const use = (dataDir: string) => {
  const program = `
    const { keepCompiledCode } = await import(${JSON.stringify(join(import.meta.dirname, 'code-cache.ts'))})
    keepCompiledCode(${JSON.stringify(dataDir)})
    await import(${JSON.stringify(join(import.meta.dirname, 'table.ts'))})`
  execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...process.env, NODE_OPTIONS: '', NODE_COMPILE_CACHE: undefined },
  })
}

it('keeps what was compiled, and removes what an earlier build left', () => {
  mkdirSync(join(dir, 'code-cache', 'earlier'), { recursive: true })
  use(dir)
  const [own, ...others] = readdirSync(join(dir, 'code-cache'))
  expect(others).toEqual([])
  expect(own).not.toBe('earlier')
  const files = readdirSync(join(dir, 'code-cache', own!), { recursive: true })
  expect(files.length).toBeGreaterThan(1)
})

it('makes no folder, and runs nothing out of one that others may write to', () => {
  use(join(dir, 'not-there'))
  chmodSync(dir, 0o777)
  use(dir)
  expect(readdirSync(dir)).toEqual([])
  expect(existsSync(join(dir, 'code-cache'))).toBe(false)
})
