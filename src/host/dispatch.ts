import * as z from 'zod'
import { saidLater } from '../../locales/say.ts'
import { api, type CallName, type Handlers, type Output, type Parsed } from '../contract/api.ts'
import type { Door, Reply } from '../contract/pipe.ts'
import { errorText, HostError, isHostError, toErrorReply } from '../kernel/errors.ts'
import type { Log } from '../kernel/log/log.ts'
import { asStorageError, sqliteCode } from '../storage/database/storage-errors.ts'

/** `from`: left out, a window of ours. */
export type Dispatch = (name: string, input: unknown, from?: Door) => Promise<Reply>
/** Looks at each call that is about to be made; what it gives is told when the call has succeeded. */
export type Witness = <K extends CallName>(
  name: K,
  input: Parsed<K>,
  from: Door,
) => ((value: Output<K>) => void) | undefined

/**
 * The one door to the host: parses the input, runs the handler, parses what it gives — which also strips every field
 * the contract never named — and turns whatever goes wrong into `{code, message, hint}`. With `revision`, which counts the
 * events told, answers say where they stand among them: they may arrive in any order.
 */
export function createDispatch(
  handlers: Handlers,
  log: Log,
  witness?: Witness,
  revision?: () => number,
): Dispatch {
  return async (name, input, from = 'window') => {
    const before = revision?.()
    try {
      if (!isCallName(name)) {
        throw new HostError({
          code: 'unknown-call',
          detail: name.slice(0, 100),
        })
      }
      const { input: inputSchema, output: outputSchema } = api[name]
      const parsed = inputSchema.safeParse(input ?? undefined)
      if (!parsed.success) throw badInput(parsed.error)
      const done = witness?.(name, parsed.data as never, from)
      const value = await handlers[name](parsed.data as never)
      done?.(value as never)
      const reply = { ok: true as const, value: outputSchema.parse(value) }
      return before === undefined ? reply : { ...reply, revision: before, after: revision!() }
    } catch (thrown) {
      const error = asDiskFull(thrown, name)
      if (!isHostError(error)) log.error('dispatch.failed', { name, error: errorText(error) })
      else if (error.detail !== undefined || error.cause !== undefined) {
        log.warn('dispatch.refused', {
          name,
          code: error.code,
          detail: error.detail,
          cause: error.cause && errorText(error.cause),
        })
      }
      return { ok: false, error: toErrorReply(error) }
    }
  }
}

/** SQLITE_FULL 13. Other codes may come from a file that is not in the data folder. */
const asDiskFull = (error: unknown, name: string): unknown =>
  sqliteCode(error) === 13 ? asStorageError(error, name) : error

const isCallName = (name: string): name is CallName =>
  Object.hasOwn(api, name) && api[name as keyof typeof api].kind !== 'event'

/** The first problem in words, and where it is. */
function badInput(error: z.ZodError): HostError {
  const first = error.issues[0]
  const where = first?.path.map(String).join(' → ')
  return new HostError({
    code: 'bad-input',
    says: where ? 'bad-input-at' : 'bad-input',
    params: { problem: first?.message ?? saidLater('part.doesNotFit'), where: where ?? '' },
    detail: z.prettifyError(error),
  })
}
