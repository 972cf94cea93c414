import { type QueryClient, queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, use } from 'react'
import type { CallName, Input, Output } from '../../src/contract/api.ts'
import type { ErrorReply } from '../../src/contract/models.ts'
import { showProblem } from '../parts/toasts.tsx'
import type { ShellPipe } from './shell-pipe.ts'

/** A failed reply, thrown so that TanStack Query sees it. */
export class ReplyError extends Error {
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
    message: 'Something went wrong on this page.',
    hint: 'Reload the page and try again.',
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

export async function ask<K extends CallName>(pipe: ShellPipe, name: K, input: Input<K>): Promise<Output<K>> {
  const reply = await pipe.call(name, input)
  if (!reply.ok) throw new ReplyError(reply.error)
  return reply.value as Output<K>
}

/** Calls without input are keyed with null, because undefined is lost in a key's JSON form. */
export const keyOf = <K extends CallName>(name: K, input?: Input<K>) => [name, input ?? null] as const

export const callOptions = <K extends CallName>(pipe: ShellPipe, name: K, input: Input<K>) =>
  queryOptions({
    queryKey: keyOf(name, input),
    // TanStack takes null for "nothing"; undefined is an error to it.
    queryFn: async () => ((await ask(pipe, name, input)) ?? null) as Output<K>,
  })

/** The last known answer of a query of the contract, kept fresh by the host's events (see live.ts). */
export function useCall<K extends CallName>(name: K, input: Input<K>, options: { enabled?: boolean } = {}) {
  return useQuery({ ...callOptions(usePipe(), name, input), ...options })
}

interface CommandOptions<K extends CallName> {
  /** Shows the wished-for state at once; returns how to take it back. */
  optimistic?(client: QueryClient, input: Input<K>): () => void
  done?(output: Output<K>, client: QueryClient, input: Input<K>): void
  /** True where the page shows the problem itself; otherwise a toast does. */
  inline?: boolean
}

/** A command of the contract as a mutation. */
export function useCommand<K extends CallName>(name: K, options: CommandOptions<K> = {}) {
  const pipe = usePipe()
  const client = useQueryClient()
  return useMutation<Output<K>, unknown, Input<K>, (() => void) | undefined>({
    mutationKey: [name],
    mutationFn: (input) => ask(pipe, name, input),
    onMutate: (input) => options.optimistic?.(client, input),
    onSuccess: (output, input) => options.done?.(output, client, input),
    onError: (error, _input, takeBack) => {
      takeBack?.()
      if (!options.inline) showProblem(problemOf(error))
    },
  })
}

/** Changes one cached answer and returns how to put the old one back. */
export function patchCall<K extends CallName>(
  client: QueryClient,
  name: K,
  input: Input<K>,
  change: (old: Output<K>) => Output<K>,
): () => void {
  const key = keyOf(name, input)
  // A fetch under way would overwrite the wished-for state with the old one.
  void client.cancelQueries({ queryKey: key })
  const before = client.getQueryData<Output<K>>(key)
  if (before === undefined) return () => {}
  client.setQueryData<Output<K>>(key, change(before))
  return () => {
    client.setQueryData<Output<K>>(key, before)
    void client.invalidateQueries({ queryKey: key })
  }
}
