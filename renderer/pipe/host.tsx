import {
  type QueryClient,
  type QueryKey,
  queryOptions,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query'
import { createContext, type ReactNode, use, useRef } from 'react'
import { say } from '../../locales/say.ts'
import type { CallName, Input, Output } from '../../src/contract/api.ts'
import type { ErrorReply } from '../../src/contract/errors.ts'
import { useIsHere } from '../ui/hooks/use-is-here.ts'
import { showProblem } from '../ui/toasts.tsx'
import { once } from './once.ts'
import { revisionsOf, type Wish } from './revisions.ts'
import type { ShellPipe } from './shell-pipe.ts'

/** A failed reply, thrown so that TanStack Query sees it. */
class ReplyError extends Error {
  readonly reply: ErrorReply
  constructor(reply: ErrorReply) {
    super(reply.message)
    this.reply = reply
  }
}

/** What went wrong in words, whatever was thrown. */
export function problemOf(error: unknown): ErrorReply {
  if (error instanceof ReplyError) return error.reply
  return {
    code: 'page',
    message: say('pipe.page.message'),
    hint: say('pipe.page.hint'),
  }
}

const PipeContext = createContext<ShellPipe | null>(null)

export function PipeProvider({ pipe, children }: { pipe: ShellPipe; children: ReactNode }) {
  return <PipeContext value={pipe}>{children}</PipeContext>
}

export function usePipe(): ShellPipe {
  const pipe = use(PipeContext)
  if (!pipe) throw new Error('PipeProvider is missing')
  return pipe
}

interface Answer<K extends CallName> {
  value: Output<K>
  /** See `Reply`. */
  revision?: number | undefined
  after?: number | undefined
}

async function answer<K extends CallName>(pipe: ShellPipe, name: K, input: Input<K>): Promise<Answer<K>> {
  const reply = await pipe.call(name, input)
  if (!reply.ok) throw new ReplyError(reply.error)
  return { value: reply.value as Output<K>, revision: reply.revision, after: reply.after }
}

/** For what nobody tells of afterwards. What can change while it is shown goes through `useCall`. */
export async function ask<K extends CallName>(pipe: ShellPipe, name: K, input: Input<K>): Promise<Output<K>> {
  return (await answer(pipe, name, input)).value
}

/** Calls without input are keyed with null, because undefined is lost in a key's JSON form. */
export const keyOf = <K extends CallName>(name: K, input?: Input<K>) => [name, input ?? null] as const

export const callOptions = <K extends CallName>(pipe: ShellPipe, name: K, input: Input<K>) =>
  queryOptions({
    queryKey: keyOf(name, input),
    queryFn: async ({ client }) => {
      const revisions = revisionsOf(client)
      const asked = revisions.asked()
      const { value, revision } = await answer(pipe, name, input)
      // TanStack takes null for "nothing"; undefined is an error to it.
      return revisions.take(keyOf(name, input), (value ?? null) as Output<K>, asked, revision)
    },
  })

/** The last known answer of a query of the contract, kept fresh by the host's events (see live.ts). */
export function useCall<K extends CallName>(name: K, input: Input<K>, options: { enabled?: boolean } = {}) {
  return useQuery({ ...callOptions(usePipe(), name, input), ...options })
}

interface CommandOptions<K extends CallName> {
  /** Shows the wished-for state at once; see `patchCall`. */
  optimistic?(client: QueryClient, input: Input<K>): Wish
  /** The query whose state the answer is. */
  state?(output: Output<K>): QueryKey
  /** What holds wherever the user is by then: is told, kept, or put into what is shown. */
  done?(output: Output<K>, client: QueryClient, input: Input<K>): void
  /** Closes what sent it or leads on from there. Not once that is gone: the user is elsewhere by then, and may be typing. */
  leave?(output: Output<K>): void
  /** What is asked anew afterwards. */
  refreshes?: readonly CallName[]
  /** Where the page shows the problem itself; otherwise, and once that is gone, a toast does. */
  inline?: boolean | ((problem: ErrorReply) => boolean)
}

/** A command of the contract as a mutation. Pressed twice at once, it is sent once. */
export function useCommand<K extends CallName>(name: K, options: CommandOptions<K> = {}) {
  const pipe = usePipe()
  const client = useQueryClient()
  const isHere = useIsHere()
  const by = useRef(null)
  const command = useMutation<Answer<K> & { asked: number }, unknown, Input<K>, Wish | undefined>({
    mutationKey: [name],
    mutationFn: async (input) => {
      const asked = revisionsOf(client).asked().revision
      return { asked, ...(await answer(pipe, name, input)) }
    },
    onMutate: (input) => options.optimistic?.(client, input),
    onSuccess: ({ value, asked, revision, after }, input, wish) => {
      const revisions = revisionsOf(client)
      revisions.commandDone()
      const state = options.state ? { key: options.state(value), value } : null
      if (wish) wish.granted(after, state)
      else if (state) revisions.put(state.key, value, revision ?? asked)
      options.done?.(value, client, input)
      if (isHere()) options.leave?.(value)
      for (const changed of options.refreshes ?? [])
        void client.invalidateQueries({ queryKey: keyOf(changed) })
    },
    onError: (error, _input, wish) => {
      wish?.refused()
      const { inline = false } = options
      const problem = problemOf(error)
      const isShown = typeof inline === 'function' ? inline(problem) : inline
      if (!isShown || !isHere()) showProblem(problem)
    },
  })
  const mutateAsync: typeof command.mutateAsync = (...sent) =>
    once(by, sent[0], () => command.mutateAsync(...sent))
  const mutate: typeof command.mutate = (...sent) => {
    mutateAsync(...sent).catch(() => {})
  }
  return { ...command, mutate, mutateAsync }
}

/** Changes one cached answer until the host has answered. */
export function patchCall<K extends CallName>(
  client: QueryClient,
  name: K,
  input: Input<K>,
  change: (old: Output<K>) => Output<K>,
): Wish {
  const key = keyOf(name, input)
  if (client.getQueryData<Output<K>>(key) === undefined) return { granted: () => {}, refused: () => {} }
  return revisionsOf(client).wish(key, change)
}
