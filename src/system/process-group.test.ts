import { once } from 'node:events'
import { afterEach, expect, it, vi } from 'vitest'
import { startGroup } from './process-group.ts'

afterEach(() => vi.restoreAllMocks())

it('a group that was seen to be empty is not signalled any more: its number may be another’s by then', async () => {
  const env = { PATH: process.env.PATH! }
  const patience = { afterEnd: 10, afterTerm: 5_000 }
  const group = startGroup('/bin/sleep', ['600'], { env, cwd: '/', patience })
  await once(group.child, 'spawn')
  const kill = vi.spyOn(process, 'kill')
  await group.stop()
  const signals = kill.mock.calls.map(([, signal]) => signal)
  expect(signals[0]).toBe('SIGTERM')
  expect(signals).not.toContain('SIGKILL')
  group.killNow()
  expect(kill).toHaveBeenCalledTimes(signals.length)
})
