/** Long because the four pairings of protocol eras are told apart on the same few servers. */

import { setTimeout as sleep } from 'node:timers/promises'
import { ProtocolError } from '@modelcontextprotocol/server'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../../kernel/clock.ts'
import type { Exchange, InputRequest, Raw, ToolSource } from '../../../mcp/tool-source.ts'
import {
  callerOf,
  makePipeline,
  principalOf,
  reads,
  says,
  serverOf,
  tool,
} from '../../testing/fixture-pipeline.ts'
import type { ClientRequest } from '../client-request.ts'
import { RunningCall } from '../running-call.ts'
import { type Target, targetOf } from '../targets.ts'
import { ClientInput } from './client-input.ts'

let at: ReturnType<typeof makePipeline>
afterEach(() => at?.stop())

const form: InputRequest = {
  method: 'elicitation/create',
  params: { mode: 'form', message: 'Who?', requestedSchema: { type: 'object', properties: {} } },
}
const accepted = (value: string) => ({ action: 'accept', content: { value } })
const tools = () => [tool('ask', { annotations: reads }), tool('change')]

/** Of 2025: it asks while the request runs. */
const older = (times = 1, seen: Exchange[] = []): ToolSource =>
  serverOf('old', {
    tools,
    async call(_tool, args, exchange) {
      seen.push(exchange)
      const words: unknown[] = [args.start ?? '']
      for (let round = 0; round < times; round += 1) {
        exchange.onProgress?.({ progress: round })
        const { content } = (await exchange.ask!(form)) as { content: Raw }
        words.push(content.value)
      }
      return says(words.join(' '))
    },
  })

/** Of 2026: it says what it needs, and is asked again. */
const newer = (rounds = 1, seen: Exchange[] = []): ToolSource =>
  serverOf('new', {
    tools,
    async call(_tool, args, exchange) {
      seen.push(exchange)
      const state = (exchange.requestState ?? '').split(' ').filter(Boolean)
      const { q } = (exchange.inputResponses ?? {}) as { q?: { content: { value: string } } }
      const words = q ? [...state, q.content.value] : state
      if (words.length === rounds) return says([args.start ?? '', ...words].join(' '))
      return { resultType: 'input_required', inputRequests: { q: form }, requestState: words.join(' ') }
    },
  })

/** A client of the 2025 era in a session. */
const session = (answer: (question: InputRequest) => Promise<Raw> | Raw): Partial<ClientRequest> => ({
  era: 'legacy',
  key: 'session_1',
  ask: async (question) => answer(question),
})
const call = (name: string, args: Raw = {}, client: Partial<ClientRequest> = {}, caller = callerOf()) =>
  at.request('tools/call', { name, arguments: args }, client, caller)
const textOf = (result: Raw) => (result.content as { text: string }[])[0]!.text
const asksFor = (result: Raw) => {
  expect(result.resultType).toBe('input_required')
  const requests = Object.entries(result.inputRequests as Record<string, InputRequest>)
  expect(requests.map(([, question]) => question)).toEqual([form])
  return { key: requests[0]![0], requestState: result.requestState as string }
}
const invalidState = { code: -32602, data: { reason: 'invalid_request_state' } }

describe('a server that asks more than anybody could answer', () => {
  const asking = (count: number) =>
    serverOf('new', {
      tools,
      call: async () => ({
        resultType: 'input_required',
        inputRequests: Object.fromEntries(Array.from({ length: count }, (_, n) => [`q${n}`, form])),
      }),
    })
  it.each(['modern', 'legacy'] as const)('has put none of it to a client (%s)', async (era) => {
    at = makePipeline([asking(11)])
    let put = 0
    const client = session(() => {
      put += 1
      throw new ProtocolError(-32603, 'enough')
    })
    const result = await call('new__ask', {}, era === 'legacy' ? client : {})
    expect(textOf(result)).toContain('wants to ask 11 things at once')
    expect(put).toBe(0)
  })

  it('may ask ten', async () => {
    at = makePipeline([asking(10)])
    expect((await call('new__ask')).resultType).toBe('input_required')
  })

  it('sends nobody to a thousand pages', async () => {
    const elicitations = Array.from({ length: 1_000 }, (_, n) => ({ url: `https://a.example/${n}` }))
    const call1000 = async () => {
      throw new ProtocolError(-32042, 'Visit first', { elicitations })
    }
    at = makePipeline([serverOf('old', { tools, call: call1000 })])
    const result = await call('old__ask').catch((error: unknown) => ({ error }))
    expect(result).not.toHaveProperty('inputRequests')
  })
})

describe('a call that is over, or waited for by another request, before what is asked was looked at', () => {
  const begun = (client: Partial<ClientRequest>) => {
    const looked = Promise.withResolvers<void>()
    const input = new ClientInput({ clock: systemClock, onAsks: () => looked.promise })
    const source = serverOf('old', { tools })
    at = makePipeline([source])
    const params = { name: 'old__ask', arguments: {} }
    const request: ClientRequest = {
      ...{ caller: callerOf(), era: 'modern', method: 'tools/call', params, key: 'k' },
      ...{ capabilities: { elicitation: { form: {} } }, ...client },
    }
    const running = new RunningCall(request, targetOf(at.catalog, request) as Target, 1_000, null)
    const asked = input.exchangeOf(running).ask!(form)
    return { running, looked: () => looked.resolve(), asked }
  }

  it('has nothing put to a client of 2025, which could not answer', async () => {
    const ask = vi.fn()
    const { running, looked, asked } = begun(session(ask))
    running.close()
    looked()
    await expect(asked).rejects.toThrow('cannot be asked')
    expect(ask).not.toHaveBeenCalled()
  })

  it('leaves no question behind that nobody of 2026 comes for', async () => {
    const { running, looked, asked } = begun({})
    running.close()
    looked()
    await expect(asked).rejects.toThrow('The request is over.')
    expect(running.input!.isEmpty).toBe(true)
    expect(running.isHeld).toBe(false)
  })

  it('asks whoever waits for it by then', async () => {
    const [first, second] = [vi.fn(), vi.fn(async () => accepted('Ada'))]
    const { running, looked, asked } = begun(session(first))
    running.attach({ ...running.request, ask: second })
    looked()
    expect(await asked).toEqual(accepted('Ada'))
    expect(first).not.toHaveBeenCalled()
  })
})

describe('a client of 2025 in a session', () => {
  it('is asked by a server of 2025 while its request runs, and no time passes meanwhile', async () => {
    at = makePipeline([older()], { callTimeout: 150 })
    const client = session(async () => {
      await sleep(300)
      return accepted('Ada')
    })
    expect(textOf(await call('old__ask', { start: 'hello' }, client))).toBe('hello Ada')
    expect(at.rows()).toEqual(['old__ask allowed answered'])
  })

  it('is asked what a server of 2026 needs, round after round, in one call', async () => {
    const seen: Exchange[] = []
    at = makePipeline([newer(3, seen)])
    let count = 0
    const client = session(() => {
      count += 1
      return accepted(`${count}`)
    })
    expect(textOf(await call('new__change', { start: 'go' }, client))).toBe('go 1 2 3')
    expect(seen.map(({ requestState }) => requestState)).toEqual([undefined, '', '1', '1 2'])
    expect(at.rows()).toEqual(['new__change allowed answered'])
  })

  it('is not asked without end', async () => {
    at = makePipeline([newer(1_000)])
    const answer = await call(
      'new__ask',
      {},
      session(() => accepted('x')),
    )
    expect(answer.isError).toBe(true)
    expect(textOf(answer)).toContain('kept asking')
  })

  it('gets an address to visit with the id that its era wants', async () => {
    const url = {
      method: 'elicitation/create',
      params: { mode: 'url', url: 'https://a.example', message: 'Go' },
    }
    at = makePipeline([
      serverOf('new', {
        tools,
        call: async (_tool, _args, { inputResponses }) =>
          inputResponses ? says('seen') : { resultType: 'input_required', inputRequests: { q: url } },
      }),
    ])
    const asked: InputRequest[] = []
    const client = session((question) => {
      asked.push(question)
      return { action: 'accept' }
    })
    expect(textOf(await call('new__ask', {}, client))).toBe('seen')
    expect(asked[0]!.params).toMatchObject({ mode: 'url', elicitationId: expect.any(String) })
  })

  it('that declared nothing, or has no session, is refused clearly', async () => {
    let refusal: unknown
    at = makePipeline([
      newer(),
      serverOf('old', {
        tools,
        call: async (_tool, _args, { ask }) => {
          if (!ask) return says('nobody to ask')
          return ask(form).catch((error) => {
            refusal = error
            return says('asked in vain')
          })
        },
      }),
    ])
    const mute = { ...session(() => accepted('x')), capabilities: {} }
    expect(textOf(await call('old__ask', {}, mute))).toBe('asked in vain')
    expect(refusal).toBeInstanceOf(ProtocolError)
    expect(textOf(await call('old__ask', {}, { era: 'legacy' }))).toBe('nobody to ask')
    for (const client of [mute, { era: 'legacy' as const }]) {
      const answer = await call('new__ask', {}, client)
      expect(answer.isError).toBe(true)
      expect(textOf(answer)).toContain('this app cannot show its questions')
    }
  })
})

const allowFirst = () => {
  const { id } = at.approvals.list()[0]!
  at.approvals.decide(id, 'once', at.approvals.get(id).seen)
}

describe('a client of 2026 with a server of 2026', () => {
  it('gets the questions and brings the answers, with a state that only we can make', async () => {
    const seen: Exchange[] = []
    at = makePipeline([newer(2, seen)])
    const first = asksFor(await call('new__ask', { start: 'a' }))
    expect(first.key).toBe('q')
    const second = asksFor(
      await call('new__ask', { start: 'a' }, { ...first, inputResponses: { q: accepted('1') } }),
    )
    const last = await call('new__ask', { start: 'a' }, { ...second, inputResponses: { q: accepted('2') } })
    expect(textOf(last)).toBe('a 1 2')
    expect(seen.map(({ requestState }) => requestState)).toEqual([undefined, '', '1'])
    expect(seen[0]!.capabilities).toHaveProperty('sampling')
  })

  it('cannot change a state, nor use it for something else or as somebody else', async () => {
    at = makePipeline([newer(), serverOf('other', { tools })])
    const { requestState } = asksFor(await call('new__ask', { start: 'a' }))
    const back = { requestState, inputResponses: { q: accepted('1') } }
    const tampered = `${requestState.slice(0, 20)}${requestState[20] === 'A' ? 'B' : 'A'}${requestState.slice(21)}`
    const strangers = callerOf(principalOf({ grantId: 'grant_2' }))
    for (const attempt of [
      () => call('new__ask', { start: 'a' }, { ...back, requestState: tampered }),
      () => call('new__ask', { start: 'a' }, { ...back, requestState: 'made up' }),
      () => call('new__ask', { start: 'b' }, back),
      () => call('new__change', { start: 'a' }, back),
      () => call('other__ask', { start: 'a' }, back),
      () => call('new__ask', { start: 'a' }, back, strangers),
    ])
      await expect(attempt()).rejects.toMatchObject(invalidState)
    expect(textOf(await call('new__ask', { start: 'a' }, back))).toBe('a 1')
    expect(at.rows().filter((row) => row.endsWith('refused failed'))).toHaveLength(6)
  })

  it('cannot answer after a restart, nor after an edit: another program may be there by then', async () => {
    const seen: Exchange[] = []
    let edition = 0
    const begin = () => {
      at = makePipeline([{ ...newer(1, seen), edition: () => edition }])
    }
    begin()
    const { requestState } = asksFor(await call('new__ask', { start: 'a' }))
    const back = { requestState, inputResponses: { q: accepted('1') } }
    edition = 1
    await expect(call('new__ask', { start: 'a' }, back)).rejects.toMatchObject(invalidState)
    at.stop()
    edition = 0
    begin()
    await expect(call('new__ask', { start: 'a' }, back)).rejects.toMatchObject(invalidState)
    expect(seen).toHaveLength(1)
  })

  it('that cannot be asked is told what it lacks', async () => {
    at = makePipeline([newer(), older()])
    for (const name of ['new__ask', 'old__ask'])
      await expect(call(name, {}, { capabilities: { elicitation: { url: {} } } })).rejects.toMatchObject({
        code: -32021,
        data: { requiredCapabilities: { elicitation: { form: {} } } },
      })
  })

  it.each([
    ['answers without', 'old__ask', async () => says('guessed'), 'guessed'],
    ['answers without, to a change', 'old__change', async () => says('left as it is'), 'left as it is'],
    ['fails in a result', 'old__ask', async () => ({ ...says('need a name'), isError: true }), -32021],
    ['fails', 'old__ask', () => Promise.reject(new ProtocolError(-32603, 'no name')), -32021],
  ] as const)(
    'that cannot be asked gets what a 2025 server has then, which %s',
    async (_how, name, then, told) => {
      const refusals: Error[] = []
      at = makePipeline([
        serverOf('old', {
          tools,
          call: async (_tool, _args, { ask }) => {
            // it may try more than once
            for (let times = 0; times < 2; times += 1) await ask!(form).catch((error) => refusals.push(error))
            return then()
          },
        }),
      ])
      const answer = call(name, {}, { capabilities: {} })
      if (typeof told === 'string') expect(textOf(await answer)).toBe(told)
      else
        await expect(answer).rejects.toMatchObject({
          code: told,
          data: { requiredCapabilities: { elicitation: { form: {} } } },
          message: expect.stringContaining(
            _how === 'fails in a result' ? 'need a name' : 'elicitation/create',
          ),
        })
      // as a client of its own era would refuse it
      expect(refusals).toMatchObject([{ code: -32601 }, { code: -32601 }])
      expect(at.rows()).toEqual([`${name} allowed ${typeof told === 'string' ? 'answered' : 'failed'}`])
    },
  )

  it('that cannot be asked is not told so when the tool fails for another reason', async () => {
    at = makePipeline(
      [
        serverOf('old', {
          tools,
          call: async (_tool, _args, { ask }) => {
            await ask!(form).catch(() => {})
            return new Promise<Raw>(() => {})
          },
        }),
      ],
      { callTimeout: 100 },
    )
    expect(textOf(await call('old__ask', {}, { capabilities: {} }))).toMatch(/did not answer/)
  })

  it('needs one approval for all rounds of a call, and one for every other call', async () => {
    at = makePipeline([newer(2)], { approvalWaitMs: 1_000 })
    const asker = callerOf(principalOf({ access: 'ask' }))
    const allowed = async () => {
      const answer = call('new__change', { start: 'a' }, {}, asker)
      await vi.waitFor(() => allowFirst())
      return asksFor(await answer)
    }
    const first = await allowed()
    const back = { ...first, inputResponses: { q: accepted('1') } }
    const second = asksFor(await call('new__change', { start: 'a' }, back, asker))
    const done = { ...second, inputResponses: { q: accepted('2') } }
    // the state of an earlier round is good for nothing any more
    expect(textOf(await call('new__change', { start: 'a' }, back, asker))).toContain('Waiting')
    expect(textOf(await call('new__change', { start: 'a' }, done, asker))).toBe('a 1 2')
    expect(textOf(await call('new__change', { start: 'a' }, done, asker))).toContain('Waiting')
    at.approvals.cancelFor(null)
    await sleep(20)
    const third = await allowed()
    at.pipeline.cancelFor('grant_1')
    const late = { ...third, inputResponses: { q: accepted('1') } }
    expect(textOf(await call('new__change', { start: 'a' }, late, asker))).toContain('Waiting')
  })

  it('is told what became of it where two at once bring a state that was used before', async () => {
    at = makePipeline([newer(1)], { approvalWaitMs: 5_000 })
    const asker = callerOf(principalOf({ access: 'ask' }))
    const change = (more: Raw = {}) => call('new__change', { start: 'a' }, more, asker)
    const answer = change()
    await vi.waitFor(() => allowFirst())
    const back = { ...asksFor(await answer), inputResponses: { q: accepted('1') } }
    expect(textOf(await change(back))).toBe('a 1')
    const both = [change(back), change(back)]
    await vi.waitFor(() => expect(at.rows().filter((row) => row.endsWith('pending running'))).toHaveLength(2))
    await sleep(20)
    expect(at.approvals.list()).toHaveLength(1)
    allowFirst()
    // Which of them came second is nobody's to say.
    const asks = (result: Raw) => result.resultType === 'input_required'
    const results = await Promise.all(both)
    asksFor(results.find(asks)!)
    const told = results.find((result) => !asks(result))!
    expect(textOf(told)).toMatch(/called twice with the same arguments and ran once/)
  })

  it('puts what is asked of a call that went on by itself to whoever makes it again, once each', async () => {
    at = makePipeline([newer(2)], { approvalWaitMs: 50 })
    const asker = callerOf(principalOf({ access: 'ask' }))
    const again = (more: Raw = {}) => call('new__change', { start: 'a' }, more, asker)
    expect(textOf(await again())).toContain('Waiting for your approval')
    allowFirst()
    const first = asksFor(await again())
    const back = { ...first, inputResponses: { question_1: accepted('1') } }
    const second = asksFor(await again(back))
    await expect(again(back)).rejects.toThrow('Invalid or expired requestState')
    const done = { ...second, inputResponses: { question_2: accepted('2') } }
    expect(textOf(await again(done))).toBe('a 1 2')
    await expect(again(done)).rejects.toThrow('Invalid or expired requestState')
    expect(textOf(await again()), 'a new call').toContain('Waiting')
  })

  it.each([
    ['nobody answers', () => {}],
    ['its client takes back', (task: string) => at.pipeline.tasks.cancel(task, principalOf())],
    ['ends with its grant', () => at.pipeline.cancelFor('grant_1')],
  ])('does not leave a call that went on by itself open which %s', async (_why, end) => {
    at = makePipeline([newer()], { approvalWaitMs: 50, inputWaitMs: 300 })
    const asker = callerOf(principalOf({ access: 'ask' }))
    const task = await call('new__change', {}, { takesTasks: true }, asker)
    allowFirst()
    const reader = { caller: asker, key: 'k' }
    const statusOf = () => at.pipeline.tasks.get(task.taskId as string, reader)?.task.status
    await vi.waitFor(() => expect(statusOf()).toBe('input_required'))
    end(task.taskId as string)
    await vi.waitFor(() => expect(at.rows()).toEqual(['new__change approved cancelled']))
  })
})

describe('a client of 2026 with a server of 2025', () => {
  it('gets the question, and its next request the answer of the same run', async () => {
    const seen: Exchange[] = []
    at = makePipeline([older(2, seen)], { callTimeout: 200 })
    const told: unknown[] = []
    const onProgress = ({ progress }: { progress: number }) => void told.push(progress)
    const first = asksFor(await call('old__change', { start: 'a' }, { onProgress }))
    expect(at.rows()).toEqual(['old__change allowed running'])
    await sleep(300)
    const retry = (state: { key: string; requestState: string }, value: string) =>
      call(
        'old__change',
        { start: 'a' },
        { requestState: state.requestState, inputResponses: { [state.key]: accepted(value) }, onProgress },
      )
    const second = asksFor(await retry(first, '1'))
    expect(second.key).not.toBe(first.key)
    await expect(retry(first, '1')).rejects.toMatchObject(invalidState)
    expect(textOf(await retry(second, '2'))).toBe('a 1 2')
    expect(seen).toHaveLength(1)
    expect(told).toEqual([0, 1])
    expect(at.rows()).toContain('old__change allowed answered')
  })

  it('is asked again when it brings no answer, or one in the wrong form', async () => {
    at = makePipeline([older()])
    const first = asksFor(await call('old__ask'))
    const wrapped = { [first.key]: { method: 'elicitation/create', result: accepted('x') } }
    const again = asksFor(
      await call('old__ask', {}, { requestState: first.requestState, inputResponses: wrapped }),
    )
    const inputResponses = { [again.key]: accepted('right') }
    expect(textOf(await call('old__ask', {}, { requestState: again.requestState, inputResponses }))).toBe(
      ' right',
    )
  })

  it('cannot have answered what another asked', async () => {
    at = makePipeline([older()])
    const first = asksFor(await call('old__ask'))
    const inputResponses = { [first.key]: accepted('x') }
    const strangers = callerOf(principalOf({ grantId: 'grant_2' }))
    await expect(
      call('old__ask', {}, { requestState: first.requestState, inputResponses }, strangers),
    ).rejects.toMatchObject(invalidState)
    expect(textOf(await call('old__ask', {}, { requestState: first.requestState, inputResponses }))).toBe(
      ' x',
    )
  })

  it('leaves nothing behind: it ends with the grant, and when nobody comes back', async () => {
    let aborted = 0
    const server = older()
    const source: ToolSource = {
      ...server,
      call: (name, args, exchange) => {
        exchange.signal.addEventListener('abort', () => (aborted += 1))
        return server.call(name, args, exchange)
      },
    }
    at = makePipeline([source], { inputWaitMs: 150 })
    const first = asksFor(await call('old__ask'))
    at.pipeline.cancelFor('grant_2')
    expect(aborted).toBe(0)
    at.pipeline.cancelFor('grant_1')
    expect(aborted).toBe(1)
    const inputResponses = { [first.key]: accepted('x') }
    await expect(
      call('old__ask', {}, { requestState: first.requestState, inputResponses }),
    ).rejects.toMatchObject(invalidState)
    asksFor(await call('old__ask'))
    await expect.poll(() => aborted).toBe(2)
    await expect.poll(at.rows).toHaveLength(3)
    expect(at.rows().filter((row) => row === 'old__ask allowed cancelled')).toHaveLength(2)
  })

  it('is broken off when the client goes while it runs, not while it thinks', async () => {
    at = makePipeline([older(2)])
    const gone = new AbortController()
    const first = asksFor(await call('old__ask', {}, {}, callerOf(principalOf(), gone.signal)))
    gone.abort()
    const inputResponses = { [first.key]: accepted('1') }
    const second = asksFor(await call('old__ask', {}, { requestState: first.requestState, inputResponses }))
    expect(second.key).not.toBe(first.key)
  })

  it('has at most 20 requests waiting for answers', async () => {
    at = makePipeline([
      { ...older(), call: async (_tool, _args, { ask }) => ask!(form).catch(({ message }) => says(message)) },
    ])
    for (let index = 0; index < 20; index += 1) asksFor(await call('old__ask', { index }))
    expect(textOf(await call('old__ask', {}))).toContain('Too many questions')
    const other = callerOf(principalOf({ grantId: 'grant_2' }))
    asksFor(await call('old__ask', {}, {}, other))
  })

  it('does not finish what is denied by then', async () => {
    at = makePipeline([older()])
    const first = asksFor(await call('old__ask'))
    at.settings.set('old__ask', { enabled: false })
    at.catalog.refresh()
    const inputResponses = { [first.key]: accepted('x') }
    const answer = await call('old__ask', {}, { requestState: first.requestState, inputResponses })
    expect(textOf(answer)).toContain('switched off')
    await expect
      .poll(() => at.rows().toSorted())
      .toEqual(['old__ask allowed cancelled', 'old__ask denied denied'])
  })

  it('is shown the addresses that an older server wants visited first', async () => {
    const elicitations = [{ mode: 'url', url: 'https://a.example', message: 'Go', elicitationId: 'e1' }]
    let asked = 0
    at = makePipeline([
      serverOf('old', {
        tools,
        async call() {
          asked += 1
          if (asked === 1) throw new ProtocolError(-32042, 'Visit first', { elicitations })
          return says('welcome')
        },
      }),
    ])
    const first = await call('old__ask')
    expect(first).toMatchObject({
      resultType: 'input_required',
      inputRequests: { question_1: { method: 'elicitation/create', params: { url: 'https://a.example' } } },
    })
    const inputResponses = { question_1: { action: 'accept' } }
    expect(textOf(await call('old__ask', {}, { inputResponses }))).toBe('welcome')
    asked = 0
    await expect(call('old__ask', {}, { era: 'legacy' })).rejects.toMatchObject({ code: -32042 })
  })
})
