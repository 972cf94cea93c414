import type { z } from 'zod'
import type { Sentence } from '../../locales/say.ts'
import { HostError } from '../kernel/errors.ts'

/** What one of our own tools was called with, as its schema reads it. Throws HostError `arguments-invalid`. */
export function readArguments<S extends z.ZodType>(name: string, schema: S, args: unknown): z.output<S> {
  const read = schema.safeParse(args)
  if (read.success) return read.data
  const problems = read.error.issues
    .slice(0, 5)
    .map(({ path, message }) => `${path.join('.') || 'arguments'}: ${message}`)
  throw unfitArguments(name, problems.join('; '))
}

export const unfitArguments = (name: string, problems: string | Sentence) =>
  new HostError({ code: 'arguments-invalid', params: { name, problems } })

export const noSuchTool = (connector: string, name: string) =>
  new HostError({ code: 'tool-not-found', says: 'tool-not-found-connector', params: { connector, name } })
