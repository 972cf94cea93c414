import { expect, it } from 'vitest'
import { silentLog } from '../../kernel/log/log.ts'
import { createBridgeSwitch } from './bridge-switch.ts'

/** What is done, in order; what is named in `fails` throws, as on a full disk. */
function world(fails: readonly string[]) {
  const done: string[] = []
  const step = (name: string) => () => {
    done.push(name)
    if (fails.includes(name)) throw new Error(`${name}: disk is full`)
  }
  const parts = {
    raised: { since: () => null, raise: step('raise'), lower: () => true },
    tunnel: {
      want() {},
      unwant: step('tunnel'),
      newName() {},
      takeOver() {},
      state: () => ({ kind: 'ready' }),
    },
    grants: { suspendAll: step('suspend'), endAll: step('end') },
    adminKey: { remove: step('key') },
    approvals: { cancelFor: step('approvals') },
    rules: { endFor: step('rules') },
    pipeline: { cancelFor: step('pipeline') },
    subscriptions: { cancelFor: step('subscriptions') },
    listener: { closeAll: step('listener') },
    log: silentLog,
    changed: step('changed'),
  }
  return { done, bridge: createBridgeSwitch(parts) }
}
const pulled = [
  'raise',
  'suspend',
  'approvals',
  'rules',
  'pipeline',
  'subscriptions',
  'listener',
  'tunnel',
  'changed',
]

it.each([
  [[]],
  [['raise']],
  [['suspend', 'approvals']],
  [['rules']],
  [['raise', 'suspend', 'approvals', 'rules']],
])('pulls up all of it, also when %j cannot be written, and says so', (fails) => {
  const { done, bridge } = world(fails)
  const raise = () => bridge.raise({ endAllAccess: false })
  if (fails.length === 0) raise()
  else expect(raise).toThrow(`${fails[0]}: disk is full`)
  expect(done).toEqual(pulled)
})

it('ends what access it can before that', () => {
  const { done, bridge } = world(['end'])
  expect(() => bridge.raise({ endAllAccess: true })).toThrow('end: disk is full')
  expect(done).toEqual(['end', 'key', ...pulled])
})
