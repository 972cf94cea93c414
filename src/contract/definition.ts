/** How a slice of the contract is written, and what a handler of one is. */
import * as z from 'zod'

type Schema = z.ZodType
export type Query<I extends Schema = Schema, O extends Schema = Schema> = {
  kind: 'query'
  input: I
  output: O
}
export type Command<I extends Schema = Schema, O extends Schema = Schema> = {
  kind: 'command'
  input: I
  output: O
}
export type Event<P extends Schema = Schema> = { kind: 'event'; payload: P }

export const query = <I extends Schema, O extends Schema>(input: I, output: O): Query<I, O> => ({
  kind: 'query',
  input,
  output,
})
export const command = <I extends Schema, O extends Schema>(input: I, output: O): Command<I, O> => ({
  kind: 'command',
  input,
  output,
})
export const event = <P extends Schema>(payload: P): Event<P> => ({ kind: 'event', payload })

export const nothing = z.void()

/** Of a slice: what can be asked. */
export type CallsOf<A> = { [K in keyof A]: A[K] extends Query | Command ? K : never }[keyof A]
/** Of a slice: what is told. */
export type EventsOf<A> = { [K in keyof A]: A[K] extends Event ? K : never }[keyof A]

/** What a caller may send: defaults may be left out. */
export type InputOf<A, K extends keyof A> = A[K] extends { input: infer I extends Schema }
  ? z.input<I>
  : never
/** What a handler receives: parsed, defaults filled in. */
export type ParsedOf<A, K extends keyof A> = A[K] extends { input: infer I extends Schema }
  ? z.output<I>
  : never
export type OutputOf<A, K extends keyof A> = A[K] extends { output: infer O extends Schema }
  ? z.output<O>
  : never
export type PayloadOf<A, K extends keyof A> = A[K] extends { payload: infer P extends Schema }
  ? z.output<P>
  : never

/** What answers a slice: one function for each of its calls. */
export type HandlersOf<A> = {
  [K in CallsOf<A>]: (input: ParsedOf<A, K>) => OutputOf<A, K> | Promise<OutputOf<A, K>>
}
