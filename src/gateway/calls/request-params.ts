import { ProtocolError, ProtocolErrorCode, specTypeSchemas } from '@modelcontextprotocol/server'
import { isObject } from '../../kernel/is-object.ts'
import { shorten } from '../../kernel/shorten.ts'
import type { Raw } from '../../mcp/tool-source.ts'
import type { CallMethod } from './client-request.ts'

/** What is wrong with the parameters of each method, in words of ours. */
const problems: Record<CallMethod, (params: Raw) => string | null> = {
  'tools/call': ({ name, arguments: args }) =>
    typeof name !== 'string'
      ? 'name must be a text.'
      : args !== undefined && !isObject(args)
        ? 'arguments must be an object.'
        : null,
  'prompts/get': ({ name, arguments: args }) =>
    typeof name !== 'string'
      ? 'name must be a text.'
      : args !== undefined && !(isObject(args) && Object.values(args).every((one) => typeof one === 'string'))
        ? 'arguments must be an object of texts.'
        : null,
  'resources/read': ({ uri }) => (typeof uri === 'string' ? null : 'uri must be a text.'),
  'completion/complete': ({ ref, argument }) =>
    !isObject(ref) || !['ref/prompt', 'ref/resource'].includes(ref.type as string)
      ? 'ref must be a reference to a prompt or a resource.'
      : !isObject(argument) || typeof argument.name !== 'string' || typeof argument.value !== 'string'
        ? 'argument must have a name and a value, both texts.'
        : null,
}

const schemas = {
  'prompts/get': 'GetPromptRequestParams',
  'resources/read': 'ReadResourceRequestParams',
  'completion/complete': 'CompleteRequestParams',
} as const

/**
 * Throws ProtocolError −32602 for params that have not the shape the protocol says. Nobody behind looks at that again; a tool's
 * arguments are for its source to judge.
 */
export function checkParams(method: CallMethod, params: Raw): void {
  // An empty object, as PHP writes it.
  if (Array.isArray(params.arguments) && params.arguments.length === 0) params.arguments = {}
  const problem = problems[method](params)
  if (problem !== null) throw invalidParams(`Invalid params for ${method}: ${problem}`)
  if (method === 'tools/call') return
  const outcome = specTypeSchemas[schemas[method]]['~standard'].validate(params)
  if (outcome instanceof Promise) throw new Error('an asynchronous schema')
  const [issue] = outcome.issues ?? []
  if (issue === undefined) return
  const path = issue.path?.map((step) => (typeof step === 'object' ? step.key : step)).join('.')
  throw invalidParams(
    `Invalid params: ${shorten(`${path ? `${path}: ` : ''}${issue.message ?? 'wrong shape'}`, 300)}`,
  )
}

export const invalidParams = (message: string): ProtocolError =>
  new ProtocolError(ProtocolErrorCode.InvalidParams, message)
