import { isObject } from '../../../kernel/is-object.ts'
import type { Raw } from '../../../mcp/tool-source.ts'
import { invalidParams } from '../../calls/request-params.ts'
import type { EndpointDeps } from '../endpoint-deps.ts'
import type { IncomingRequest } from '../incoming-request.ts'
import type { ResultEncoder } from '../result-encoder.ts'

/**
 * `io.modelcontextprotocol/tasks` (SEP-2663): a call of ours that takes longer than its client waits is a task for a client that takes
 * them. Each of these is for the grant that made the call; to anybody else the task is unknown.
 */
export function createTaskMethods({
  pipeline,
  encoder,
}: Pick<EndpointDeps, 'pipeline'> & { encoder: ResultEncoder }) {
  const { tasks } = pipeline

  const acknowledge = (incoming: IncomingRequest) => incoming.respond(encoder.own(''))

  return {
    get(incoming: IncomingRequest): void {
      const { task, outcome } = known(tasks.get(idOf(incoming), incoming))
      const { result, ...rest } = outcome
      const fields = JSON.stringify({ ...task, ...rest }).slice(1, -1)
      // As the call itself would have been answered.
      const whole = result === undefined ? '' : `,"result":${encoder.modern('tools/call', result as Raw)}`
      incoming.respond(encoder.own(`${fields}${whole}`))
    },
    /** Answers to what is asked; others are ignored. */
    update(incoming: IncomingRequest): void {
      const { inputResponses } = incoming
      if (inputResponses !== undefined && !isObject(inputResponses))
        throw invalidParams('Invalid params for tasks/update: inputResponses must be an object.')
      known(tasks.update(idOf(incoming), whoOf(incoming), inputResponses))
      acknowledge(incoming)
    },
    cancel(incoming: IncomingRequest): void {
      known(tasks.cancel(idOf(incoming), whoOf(incoming)))
      acknowledge(incoming)
    },
  }
}

const whoOf = ({ caller }: IncomingRequest) => caller.principal

function idOf({ method, params }: IncomingRequest): string {
  if (typeof params.taskId !== 'string')
    throw invalidParams(`Invalid params for ${method}: taskId must be a text.`)
  return params.taskId
}

function known<T>(found: T | null): T {
  if (found === null) throw invalidParams('Unknown task, or its time is over.')
  return found
}
