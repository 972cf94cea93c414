import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { troubleshootingPage } from './server-pages.ts'

const root = join(import.meta.dirname, '..')
const read = (name: string) => readFileSync(join(root, name), 'utf8')

describe('the pages for servers', () => {
  it('docs/troubleshooting.md says what Drawbridge says now', () => {
    expect(read('docs/troubleshooting.md'), 'node scripts/server-pages.ts').toBe(troubleshootingPage())
  })

  it('every chapter of it has something to look up', () => {
    const chapters = troubleshootingPage().split('\n## ').slice(1)
    expect(chapters).toHaveLength(7)
    for (const chapter of chapters) expect(chapter.split('\n| ').length, chapter).toBeGreaterThan(4)
  })

  it('are linked in the README, and their links lead somewhere', () => {
    for (const page of ['docs/deployment.md', 'docs/troubleshooting.md'])
      expect(read('README.md')).toContain(page)
    const links = [...read('docs/deployment.md').matchAll(/\]\(([^)#:]+)\)/g)].map((match) => match[1]!)
    expect(links.filter((link) => !existsSync(join(root, 'docs', link)))).toEqual([])
  })
})

describe('the Dockerfile', () => {
  const lines = read('Dockerfile').split('\n')
  const ignored = read('.dockerignore').split('\n')

  it('copies what is there, and what .dockerignore lets through', () => {
    const copied = lines.flatMap((line) => {
      const [, what] = /^COPY (?!--from)(.+) \S+$/.exec(line) ?? []
      return what?.split(' ').filter((name) => name !== '.') ?? []
    })
    expect(copied).toContain('package-lock.json')
    const allowed = ignored.filter((line) => line.startsWith('!')).map((line) => line.slice(1))
    for (const name of [...copied, ...allowed]) expect(existsSync(join(root, name)), name).toBe(true)
    expect(copied.filter((name) => !allowed.includes(name))).toEqual([])
  })

  it('lets through all that the build reads', () => {
    const named = [
      ...read('electron.vite.config.ts').matchAll(/'((?:electron|src|renderer|locales|assets)\/[^']*)'/g),
    ]
    expect(named.length).toBeGreaterThan(3)
    for (const [, path] of named) expect(ignored).toContain(`!${path!.split('/')[0]}`)
  })

  it('takes from the build what the build makes, and starts what npm calls drawbridge', () => {
    const { bin, files } = JSON.parse(read('package.json'))
    const text = lines.join('\n')
    expect(text).toContain(`/app/${bin.drawbridge}`)
    for (const name of files) expect(text).toContain(`/build/${name}`)
    expect(text).toContain('npx electron-vite build')
  })

  it('runs as nobody special, on a volume of its own, listening to nobody outside', () => {
    const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')))
    expect(last).toContain('USER node')
    expect(last).toContain('VOLUME /data')
    expect(last.some((line) => line.startsWith('HEALTHCHECK '))).toBe(true)
    expect(last.some((line) => line.startsWith('EXPOSE'))).toBe(false)
    expect(last.findIndex((line) => line.startsWith('USER'))).toBeLessThan(
      last.findIndex((line) => line.startsWith('ENTRYPOINT')),
    )
    // Node, as the bundle needs it
    expect(lines.filter((line) => line.startsWith('FROM ')).every((line) => line.includes('node:24-'))).toBe(
      true,
    )
  })
})
