import { useRef, useState } from 'react'
import { parseCommandLine } from '../../../../src/contract/agreed/command-line.ts'
import type { ErrorReply } from '../../../../src/contract/errors.ts'
import { type Pasted, pastedInput } from '../../../../src/contract/pasted.ts'
import { ask, problemOf, usePipe } from '../../../pipe/host.tsx'

/** What a text turned out to be: the line or address that the form has fields for, or something else. */
export type Reading =
  | { is: 'line' }
  | { is: 'address'; url: string }
  | { is: 'pasted'; pasted: Pasted }
  | { is: 'problem'; problem: ErrorReply }

/** Asks the host what a text means. Only the answer to the last question counts. */
export function usePasted() {
  const pipe = usePipe()
  const last = useRef(0)
  const [known, setKnown] = useState<{ text: string; reading: Reading } | null>(null)

  /** Null: another text was asked about meanwhile. */
  const read = async (text: string): Promise<Reading | null> => {
    last.current += 1
    const question = last.current
    let reading: Reading
    try {
      reading = readingOf(text, await ask(pipe, 'servers.read', { text }))
    } catch (error) {
      reading = { is: 'problem', problem: problemOf(error) }
    }
    if (last.current !== question) return null
    setKnown({ text, reading })
    return reading
  }
  /** What exactly this text was read as, if it was. */
  return { read, known: (text: string) => (known?.text === text ? known.reading : null) }
}

function readingOf(text: string, pasted: Pasted): Reading {
  const [server] = pasted.servers
  if (!server || pasted.servers.length > 1 || pasted.leftOut.length > 0) return { is: 'pasted', pasted }
  if (server.asks.length > 0 || server.notes.length > 0) return { is: 'pasted', pasted }
  const input = pastedInput(server, server.name, {})
  if (input.kind === 'stdio') {
    const line = parseCommandLine(text)
    const same =
      !input.cwd &&
      JSON.stringify([line.command, line.args, line.env]) ===
        JSON.stringify([input.command, input.args, input.env])
    return same ? { is: 'line' } : { is: 'pasted', pasted }
  }
  const plain = input.kind === 'http' && !input.oauth && Object.keys(input.headers ?? {}).length === 0
  return plain && !/\s/.test(text.trim()) ? { is: 'address', url: input.url } : { is: 'pasted', pasted }
}

/** Plainly a command, wherever it was put: no address and no sentence begins like that. */
export const isCommand = (text: string): boolean =>
  /^(?:npx|npm|pnpm|yarn|bunx?|deno|node|uvx?|pipx|python3?|py|docker|podman|dnx|dotnet|java|go)\s+\S/.test(
    text.trim(),
  )

/** More at once than anybody types: it was pasted, or put there by a program. */
export const isPaste = (before: string, after: string): boolean => after.length - before.length > 2
