/**
 * What a text from a server's own page turned out to mean. Nothing of it has been looked up, stored or started; what is still to be
 * filled in stands where it belongs, so that what is shown is what would run.
 */
import * as z from 'zod'
import { query } from './definition.ts'
import type { NewServer } from './servers.ts'

/** A value in pieces: text as it is, and what `asks` says in place of a piece that the user fills in. */
export const PastedText = z.array(z.union([z.string(), z.object({ ask: z.string() })]))
export type PastedText = z.infer<typeof PastedText>

/** One thing to fill in. */
export const PastedAsk = z.object({
  id: z.string(),
  /** As the text calls it: `API_KEY`, `your project`. */
  label: z.string(),
  /** Where it goes, in words: "argument 3", "the variable API_KEY". */
  where: z.string(),
  secret: z.boolean(),
  /** False: it may stay empty. */
  required: z.boolean(),
  /** What stands there in the text. */
  example: z.string(),
  description: z.string().nullable(),
  /** What to start from. */
  preset: z.string(),
  /** Null: anything. */
  choices: z.array(z.string()).nullable(),
})
export type PastedAsk = z.infer<typeof PastedAsk>

export const PastedServer = z.object({
  /** One that `servers.add` takes. */
  name: z.string(),
  kind: z.enum(['stdio', 'http', 'sse']),
  command: PastedText.nullable(),
  args: z.array(PastedText),
  cwd: PastedText.nullable(),
  env: z.record(z.string(), PastedText),
  url: PastedText.nullable(),
  headers: z.record(z.string(), PastedText),
  oauth: z.object({ clientId: z.string(), scopes: z.array(z.string()) }).nullable(),
  /** There, where the text is from: whoever agrees to all of it unseen does not mean this one. */
  switchedOff: z.boolean(),
  asks: z.array(PastedAsk),
  /** What was changed or left out, and what the reader should know; a sentence each. */
  notes: z.array(z.string()),
})
export type PastedServer = z.infer<typeof PastedServer>

export const Pasted = z.object({
  /** What the text is: "a command", "settings of VS Code". */
  what: z.string(),
  servers: z.array(PastedServer),
  /** Entries that cannot be used here, and why. */
  leftOut: z.array(z.object({ name: z.string(), why: z.string() })),
})
export type Pasted = z.infer<typeof Pasted>

export const pastedApi = {
  /** What a text from a server's own page means. Nothing is stored, looked up or started; HostError `paste-not-understood`. */
  'servers.read': query(z.object({ text: z.string().max(200_000) }), Pasted),
}

export type Answers = Readonly<Record<string, string>>

/** What a value is with these answers; where one is missing, what stands there in the text. */
const filledText = (text: PastedText, asks: readonly PastedAsk[], answers: Answers): string =>
  text
    .map((piece) => {
      if (typeof piece === 'string') return piece
      const ask = asks.find(({ id }) => id === piece.ask)
      return answerTo(piece.ask, ask, answers) || (ask?.required === false ? '' : (ask?.example ?? ''))
    })
    .join('')

/** Which required ones have no answer yet. */
export const openAsks = ({ asks }: PastedServer, answers: Answers): PastedAsk[] =>
  asks.filter((ask) => ask.required && answerTo(ask.id, ask, answers) === '')

/** As `servers.add` and `servers.draft` take it. What is not filled in stands there as in the text: ask `openAsks` first. */
export function pastedInput(server: PastedServer, name: string, answers: Answers): z.input<typeof NewServer> {
  const text = (value: PastedText) => filledText(value, server.asks, answers)
  const texts = (values: Record<string, PastedText>) =>
    Object.fromEntries(
      Object.entries(values)
        .map(([key, value]) => [key, text(value)] as const)
        .filter(([, value]) => value !== ''),
    )
  if (server.kind === 'stdio')
    return {
      kind: 'stdio',
      name,
      command: text(server.command ?? []),
      args: server.args.map(text),
      env: texts(server.env),
      ...(server.cwd && { cwd: text(server.cwd) }),
    }
  return {
    kind: server.kind,
    name,
    url: addressText(server, answers),
    headers: texts(server.headers),
    ...(server.oauth && { oauth: server.oauth }),
  }
}

/** An answer is one part of a path or query and cannot begin another; where an address begins with one, it is that beginning. */
const addressText = ({ url, asks }: PastedServer, answers: Answers): string => {
  const pieces = url ?? []
  const inHost = (at: number) => !/^\w+:\/\/[^/]*[/?]/.test(filledText(pieces.slice(0, at), asks, {}))
  return pieces
    .map((piece, at) => {
      const value = filledText([piece], asks, answers)
      return typeof piece === 'string' || inHost(at) || value === askedFor(piece.ask, asks)
        ? value
        : encodeURIComponent(value.toWellFormed())
    })
    .join('')
}

const askedFor = (id: string, asks: readonly PastedAsk[]) => asks.find((ask) => ask.id === id)?.example

const answerTo = (id: string, ask: PastedAsk | undefined, answers: Answers): string =>
  Object.hasOwn(answers, id) ? (answers[id] ?? '') : (ask?.preset ?? '')
