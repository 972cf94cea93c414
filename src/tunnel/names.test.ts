import { expect, test } from 'vitest'
import { newTunnelName } from './names.ts'

/** What localtunnel's server accepts, and one DNS label. */
const accepted = /^(?:[a-z0-9][a-z0-9-]{4,61}[a-z0-9])$/

test('names fit the tunnel server and do not repeat', () => {
  const names = Array.from({ length: 2_000 }, () => newTunnelName())
  for (const name of names) expect(name).toMatch(accepted)
  expect(new Set(names).size).toBe(names.length)
})

test('every part comes from the given randomness', () => {
  expect(newTunnelName(() => 0)).toBe('amber-badger-1000-aaaa')
  expect(newTunnelName((below) => below - 1)).toBe('witty-wren-9999-9999')
})
