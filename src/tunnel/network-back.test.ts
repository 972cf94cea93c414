import { expect, it, vi } from 'vitest'
import { whenBack } from './network-back.ts'

it('a tunnel that is ready after it was offline says that the network is back', () => {
  const act = vi.fn()
  const tell = whenBack(act)
  for (const kind of ['opening', 'ready', 'opening', 'ready', 'off', 'taken', 'ready']) tell({ kind })
  expect(act).not.toHaveBeenCalled()
  for (const kind of ['offline', 'opening', 'offline']) tell({ kind })
  expect(act).not.toHaveBeenCalled()
  tell({ kind: 'ready' })
  tell({ kind: 'ready' })
  expect(act).toHaveBeenCalledTimes(1)
})
