import { expect, it } from 'vitest'
import { fingerprintOf, rowFingerprint } from './fingerprint.ts'
import type { ServerRow } from './server-store.ts'

const row: ServerRow = {
  ...{ id: 'a', slug: 'a', name: 'A', kind: 'stdio', command: '/bin/a', args: ['x'], cwd: null, url: null },
  ...{ env: ['E'], headers: [], prefixed: true, passesClientContext: false, confined: false, timeout: 1 },
  ...{ startTimeout: null, wanted: 'running', oauth: null, mark: null, createdAt: 0 },
}

it('of a row is that of what the row says now, also where it was changed in its place', () => {
  const changing = structuredClone(row)
  const fingerprint = rowFingerprint(changing)
  const changes: (() => unknown)[] = [
    () => {},
    () => changing.args.push('y'),
    () => changing.env.pop(),
    () => changing.headers.push('authorization'),
    () => Object.assign(changing, { command: '/bin/b' }),
    () => Object.assign(changing, { cwd: '/b' }),
    () => Object.assign(changing, { confined: true }),
    () => Object.assign(changing, { oauth: { clientId: 'c' } }),
    () => (changing.oauth!.clientId = 'd'),
    () => Object.assign(changing, { kind: 'http', url: 'https://a.example' }),
  ]
  const seen = changes.map((change) => {
    change()
    expect(fingerprint()).toBe(fingerprintOf(changing))
    return fingerprint()
  })
  expect(new Set(seen).size).toBe(changes.length)
  // what decides nothing of the kind
  changing.name = 'B'
  expect(fingerprint()).toBe(seen.at(-1))
  // what stands in the vault
  changing.mark = 'another'
  expect(seen).not.toContain(fingerprint())
})
