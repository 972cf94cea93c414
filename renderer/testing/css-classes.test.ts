import { globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')
const IMPORT = /^import (\w+) from '([^']+\.module\.css)'$/gm

/** By module, the classes that pages name; `null` among them: some are chosen by a value, and cannot be counted. */
const used = new Map<string, Set<string | null>>()
for (const source of globSync('**/*.tsx', { cwd: ROOT })) {
  const text = readFileSync(join(ROOT, source), 'utf8')
  const code = text.replace(/^(?:import|\} from) .*$/gm, '')
  for (const [, name, from] of text.matchAll(IMPORT)) {
    const module = resolve(ROOT, dirname(source), from!)
    const names = used.get(module) ?? new Set()
    for (const [, plain, quoted] of code.matchAll(
      new RegExp(`(?<![\\w.'])${name}(?:\\.(\\w+)|\\[(?:'(.+?)')?)`, 'g'),
    ))
      names.add(plain ?? quoted ?? null)
    used.set(module, names)
  }
}

it.each(globSync('**/*.module.css', { cwd: ROOT }))(
  '%s has the classes that are used, and no others',
  (name) => {
    const text = readFileSync(join(ROOT, name), 'utf8')
    const selectors = text.replace(/\/\*.*?\*\//gs, '').replace(/\{[^{}]*\}/g, '')
    const has = new Set(Array.from(selectors.matchAll(/\.([a-zA-Z][\w-]*)/g), ([, one]) => one!))
    const names = used.get(join(ROOT, name)) ?? new Set()
    expect([...names].filter((one) => one !== null && !has.has(one))).toEqual([])
    if (!names.has(null)) expect([...has].filter((one) => !names.has(one))).toEqual([])
  },
)
