/** `tasks/update`: what a call may no longer do is not finished by the answer to what its server asks. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Principal } from '../../../mcp/principal.ts'
import type { Raw } from '../../../mcp/tool-source.ts'
import { callerOf, makePipeline, principalOf, says, serverOf, tool } from '../../testing/fixture-pipeline.ts'

let house: ReturnType<typeof makePipeline>
let heard: Raw[]
const asking = principalOf({ access: 'ask' })
const question = {
  method: 'elicitation/create',
  params: { mode: 'form', message: 'Which?', requestedSchema: { type: 'object', properties: {} } },
}

beforeEach(() => {
  heard = []
  const files = serverOf('files', {
    tools: () => [tool('write')],
    call: async (_name, _args, { ask }) => {
      heard.push(await ask!(question))
      return says('done')
    },
  })
  house = makePipeline([files], { patience: { task: 20, asked: 20, running: 20 } })
})
afterEach(() => house.stop())

const reader = (principal: Principal) => ({ caller: callerOf(principal), chat: 'a chat', key: 'a chat' })

/** A call as a task, allowed, whose server waits for an answer; gives its id and the key of the question. */
async function asked(): Promise<{ id: string; key: string }> {
  const task = await house.request(
    'tools/call',
    { name: 'files__write', arguments: {} },
    { takesTasks: true },
    callerOf(asking),
  )
  const id = task.taskId as string
  await vi.waitFor(() => expect(house.approvals.list()).toHaveLength(1))
  const { id: approval } = house.approvals.list()[0]!
  house.approvals.decide(approval, 'once', house.approvals.get(approval).seen)
  const known = () => house.pipeline.tasks.get(id, reader(asking))!
  await vi.waitFor(() => expect(known().task.status).toBe('input_required'))
  return { id, key: Object.keys(known().outcome.inputRequests as Raw)[0]! }
}

it.each<[string, Principal]>([
  ['its grant may only look', principalOf({ access: 'look' })],
  ['its grant has other tools', principalOf({ access: 'ask', tools: new Set(['other']) })],
  ['its grant is in another workspace', principalOf({ access: 'ask', workspace: 'other' })],
])('an answer is not passed on where %s by now', async (_what, now) => {
  const { id, key } = await asked()
  house.now = now
  house.pipeline.tasks.update(id, asking, { [key]: { action: 'accept', content: {} } })
  await vi.waitFor(() => expect(house.rows()[0]).toMatch(/^files__write approved failed$/))
  expect(heard).toEqual([])
  expect(house.activity.list({ limit: 1 })[0]!.error).toContain('was stopped half way')
})

it('it is, where nothing was taken back', async () => {
  const { id, key } = await asked()
  house.pipeline.tasks.update(id, asking, { [key]: { action: 'accept', content: {} } })
  await vi.waitFor(() => expect(house.rows()[0]).toBe('files__write approved answered'))
  expect(heard).toHaveLength(1)
})
