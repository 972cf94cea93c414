import { abortSignalOf, type CancelSignal } from '../../kernel/cancellation.ts'
import type { Clock } from '../../kernel/clock.ts'
import { HostError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { connectors } from '../list.ts'
import { createLastKnown, runTool, toolDefinition } from './connector.ts'
import { createService, type ServiceTimings } from './service.ts'

export type ConnectorToolDefinition = ReturnType<typeof toolDefinition>
export type ConnectorResult = Awaited<ReturnType<typeof runTool>>

export interface ConnectorSource {
  slug: string
  name: string
  /** The tools keep their plain names. */
  prefixed: false
  kind: 'connector'
  tools(): readonly ConnectorToolDefinition[]
  /** Throws HostError when there is no answer, within 25 s. */
  call(
    tool: string,
    args: Record<string, unknown>,
    options: { signal: CancelSignal },
  ): Promise<ConnectorResult>
}

/** The built-in connectors. Nothing is asked of any service before the first call. Last known answers are in memory. */
export function createConnectors(deps: {
  fetch: typeof fetch
  clock: Clock
  log: Log
  version: string
  /** Other addresses by connector (`github`, `npm`), for self-hosted services and tests. */
  baseUrls?: Record<string, string>
  timings?: Partial<ServiceTimings>
}): { sources(): ConnectorSource[] } {
  const now = () => deps.clock.now()
  const sources = connectors.map((connector): ConnectorSource => {
    const service = createService({
      name: connector.name,
      baseUrl: deps.baseUrls?.[connector.slug] ?? connector.baseUrl,
      fetch: deps.fetch,
      now,
      log: deps.log,
      userAgent: `drawbridge/${deps.version}`,
      timings: deps.timings,
    })
    const known = createLastKnown()
    const definitions = connector.tools.map(toolDefinition)
    return {
      slug: connector.slug,
      name: connector.name,
      prefixed: false,
      kind: 'connector',
      tools: () => definitions,
      async call(name, args, options) {
        const tool = connector.tools.find((one) => one.name === name)
        if (!tool)
          throw new HostError({
            code: 'tool-not-found',
            message: `${connector.name} has no tool called ${name}.`,
            hint: 'Refresh the list of tools.',
          })
        const signal = abortSignalOf(options.signal)
        try {
          return await runTool(tool, args, { service, known, now, signal })
        } catch (error) {
          if (!signal.aborted || error instanceof HostError) throw error
          throw new HostError({
            code: 'call-cancelled',
            message: 'The call was cancelled.',
            hint: 'Ask again if it is still wanted.',
            cause: error,
          })
        }
      },
    }
  })
  return { sources: () => [...sources] }
}
