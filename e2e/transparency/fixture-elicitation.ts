import {
  type ClientCapabilities,
  inputRequired,
  inputResponse,
  type McpServer,
  ProtocolError,
  type RequestStateCodec,
  type ServerContext,
} from '@modelcontextprotocol/server'
import * as z from 'zod'
import { annotations, text } from './fixture-tools.ts'

interface Asked {
  round: number
}

const askName = inputRequired.elicit({
  message: 'What is your name?',
  requestedSchema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
})
const askModel = (words: string) =>
  inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text: words } }],
    maxTokens: 100,
  })
const confirm = inputRequired.elicit({
  message: 'Please confirm',
  requestedSchema: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] },
})

const accepted = (ctx: ServerContext, key: string): Record<string, unknown> | null => {
  const view = inputResponse(ctx.mcpReq.inputResponses, key)
  return view.kind === 'elicit' && view.action === 'accept' ? (view.content ?? null) : null
}
const has = (ctx: ServerContext, key: string) =>
  inputResponse(ctx.mcpReq.inputResponses, key).kind !== 'missing'

/** What the client declared, with this request or when it came. */
function capabilitiesOf(server: McpServer, ctx: ServerContext): ClientCapabilities {
  const envelope: Record<string, unknown> = { ...ctx.mcpReq.envelope }
  const declared = envelope['io.modelcontextprotocol/clientCapabilities'] as ClientCapabilities | undefined
  return declared ?? server.server.getClientCapabilities() ?? {}
}

/** Tools that ask the client in the middle of a call, in the ways of both eras. */
export function addElicitation(server: McpServer, states: RequestStateCodec<Asked>): void {
  const tool = (
    name: string,
    description: string,
    answer: (ctx: ServerContext) => Promise<ReturnType<typeof text> | ReturnType<typeof inputRequired>>,
  ) => server.registerTool(name, { description, annotations }, answer)

  addElicitationOfBothEras(server)

  const named = async (ctx: ServerContext) => {
    const name = accepted(ctx, 'user_name')?.name
    return typeof name === 'string'
      ? text(`Hello, ${name}!`)
      : inputRequired({ inputRequests: { user_name: askName } })
  }
  tool('test_input_required_result_elicitation', 'Asks for a name', named)
  tool('test_streaming_elicitation', 'Asks for a name, on a stream', named)

  const sampled = async (ctx: ServerContext) => {
    const answer = ctx.mcpReq.inputResponses?.capital_question
    return answer
      ? text(`The model said: ${JSON.stringify(answer)}`)
      : inputRequired({ inputRequests: { capital_question: askModel('What is the capital of France?') } })
  }
  tool('test_input_required_result_sampling', 'Asks a model', sampled)
  // The SDK refuses a question to a client that cannot answer it with MissingRequiredClientCapabilityError.
  tool('test_missing_capability', 'Cannot be used without sampling', sampled)
  tool('test_input_required_result_list_roots', 'Asks for the roots', async (ctx) => {
    const answer = ctx.mcpReq.inputResponses?.client_roots
    return answer
      ? text(`The roots are: ${JSON.stringify(answer)}`)
      : inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } })
  })
  const withState = async (ctx: ServerContext) => {
    const state = ctx.mcpReq.requestState<Asked>()
    if (state && has(ctx, 'confirm')) return text('state-ok')
    return inputRequired({
      inputRequests: { confirm },
      requestState: await states.mint({ round: 1 }, ctx),
    })
  }
  tool('test_input_required_result_request_state', 'Asks, and remembers by what it sends along', withState)
  tool('test_input_required_result_tampered_state', 'Sees when what it sent along was changed', withState)
  tool('test_input_required_result_multiple_inputs', 'Asks three things at once', async (ctx) => {
    const keys = ['user_name', 'greeting', 'client_roots']
    if (keys.every((key) => has(ctx, key)) && ctx.mcpReq.requestState<Asked>())
      return text(`Got all: ${JSON.stringify(ctx.mcpReq.inputResponses)}`)
    return inputRequired({
      inputRequests: {
        user_name: askName,
        greeting: askModel('Generate a greeting'),
        client_roots: inputRequired.listRoots(),
      },
      requestState: await states.mint({ round: 1 }, ctx),
    })
  })
  tool('test_input_required_result_multi_round', 'Asks twice', async (ctx) => {
    const round = ctx.mcpReq.requestState<Asked>()?.round ?? 0
    if (round === 2 && has(ctx, 'step2')) return text(`Done: ${JSON.stringify(accepted(ctx, 'step2'))}`)
    const second = round === 2 || (round === 1 && has(ctx, 'step1'))
    const question = (message: string, field: string) =>
      inputRequired.elicit({
        message,
        requestedSchema: { type: 'object', properties: { [field]: { type: 'string' } }, required: [field] },
      })
    return inputRequired({
      inputRequests: second
        ? { step2: question('Step 2: What is your favorite color?', 'color') }
        : { step1: question('Step 1: What is your name?', 'name') },
      requestState: await states.mint({ round: second ? 2 : 1 }, ctx),
    })
  })
  tool('test_input_required_result_capabilities', 'Asks only what the client can answer', async (ctx) => {
    if (ctx.mcpReq.inputResponses) return text('Answered.')
    const can = capabilitiesOf(server, ctx)
    const inputRequests = {
      ...(can.elicitation ? { user_name: askName } : {}),
      ...(can.sampling ? { greeting: askModel('Generate a greeting') } : {}),
    }
    return Object.keys(inputRequests).length > 0 ? inputRequired({ inputRequests }) : text('Nothing to ask.')
  })

  server.registerPrompt(
    'test_input_required_result_prompt',
    { description: 'A prompt that asks for its context' },
    async (ctx) => {
      const context = accepted(ctx, 'user_context')?.context
      if (typeof context !== 'string')
        return inputRequired({
          inputRequests: {
            user_context: inputRequired.elicit({
              message: 'What context should the prompt use?',
              requestedSchema: {
                type: 'object',
                properties: { context: { type: 'string' } },
                required: ['context'],
              },
            }),
          },
        })
      return { messages: [{ role: 'user', content: { type: 'text', text: `Use this: ${context}` } }] }
    },
  )
}

/**
 * Questions in the way of the client's era: a request of the server's own while the call is open (2025), or an answer that says
 * what is missing (2026-07-28).
 */
function addElicitationOfBothEras(server: McpServer): void {
  const refused = (error: unknown) => {
    const reason = error instanceof ProtocolError ? `${error.code} ${error.message}` : String(error)
    return { ...text(`Asking did not work: ${reason}`), isError: true }
  }
  const isModern = (ctx: ServerContext) => ctx.mcpReq.envelope !== undefined

  server.registerTool(
    'test_sampling',
    {
      description: 'Asks the model of the client',
      inputSchema: z.object({ prompt: z.string() }),
      annotations,
    },
    async ({ prompt }, ctx) => {
      if (isModern(ctx)) {
        const answer = ctx.mcpReq.inputResponses?.answer
        return answer
          ? text(`LLM response: ${JSON.stringify(answer)}`)
          : inputRequired({ inputRequests: { answer: askModel(prompt) } })
      }
      try {
        const answer = await ctx.mcpReq.requestSampling({
          messages: [{ role: 'user', content: { type: 'text', text: prompt } }],
          maxTokens: 100,
        })
        return text(`LLM response: ${JSON.stringify(answer.content)}`)
      } catch (error) {
        return refused(error)
      }
    },
  )

  const form = async (ctx: ServerContext, message: string, properties: object, required: string[]) => {
    const requestedSchema = { type: 'object' as const, properties: properties as never, required }
    if (isModern(ctx)) {
      const view = inputResponse(ctx.mcpReq.inputResponses, 'form')
      return view.kind === 'elicit'
        ? text(`Elicitation completed: action=${view.action}, content=${JSON.stringify(view.content ?? {})}`)
        : inputRequired({ inputRequests: { form: inputRequired.elicit({ message, requestedSchema }) } })
    }
    try {
      const answer = await ctx.mcpReq.elicitInput({ mode: 'form', message, requestedSchema })
      return text(
        `Elicitation completed: action=${answer.action}, content=${JSON.stringify(answer.content ?? {})}`,
      )
    } catch (error) {
      return refused(error)
    }
  }
  server.registerTool(
    'test_elicitation',
    { description: 'Asks the user', inputSchema: z.object({ message: z.string() }), annotations },
    ({ message }, ctx) => form(ctx, message, { response: { type: 'string' } }, ['response']),
  )
  server.registerTool(
    'test_elicitation_sep1034_defaults',
    { description: 'Asks with values filled in', annotations },
    (ctx) => form(ctx, 'Please look through the form', filledIn, []),
  )
  server.registerTool(
    'test_elicitation_sep1330_enums',
    { description: 'Asks to choose, in all five ways', annotations },
    (ctx) => form(ctx, 'Please choose', choices, []),
  )
}

const filledIn = {
  name: { type: 'string', default: 'John Doe' },
  age: { type: 'integer', default: 30 },
  score: { type: 'number', default: 95.5 },
  status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
  verified: { type: 'boolean', default: true },
}
const titled = (...titles: string[]) => titles.map((title, at) => ({ const: `value${at + 1}`, title }))
const several = { type: 'array', minItems: 1, maxItems: 3 }
const choices = {
  untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
  titledSingle: { type: 'string', oneOf: titled('First Option', 'Second Option', 'Third Option') },
  legacyEnum: {
    type: 'string',
    enum: ['opt1', 'opt2', 'opt3'],
    enumNames: ['Option One', 'Option Two', 'Option Three'],
  },
  untitledMulti: { ...several, items: { type: 'string', enum: ['option1', 'option2', 'option3'] } },
  titledMulti: { ...several, items: { anyOf: titled('First Choice', 'Second Choice', 'Third Choice') } },
}
