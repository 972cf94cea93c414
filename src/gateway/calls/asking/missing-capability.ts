import { MissingRequiredClientCapabilityError, ProtocolError } from '@modelcontextprotocol/server'
import { isObject } from '../../../kernel/is-object.ts'
import type { InputRequest, Raw } from '../../../mcp/tool-source.ts'
import { checkedError } from '../results/checked-result.ts'
import { firstText } from '../results/endings.ts'
import { lacks, type missingFor } from './capabilities-needed.ts'

export const missingCapability = (
  { method }: InputRequest,
  requiredCapabilities: NonNullable<ReturnType<typeof missingFor>>,
): ProtocolError => {
  const refusal = new MissingRequiredClientCapabilityError(
    { requiredCapabilities },
    `The client did not say that it can be asked this (${method}).`,
  )
  own.add(refusal)
  return refusal
}

/** A tool that says why it failed is heard: only its error cannot be both. */
export function withTheirWords(lacking: ProtocolError, result: Raw): ProtocolError {
  const told = new ProtocolError(
    lacking.code,
    `${lacking.message} The tool says: ${firstText(result)}`,
    lacking.data,
  )
  own.add(told)
  return told
}

/** −32021 that is so: that a server says it is not enough for what we say in HTTP. */
const own = new WeakSet<Error>()
export const isTrulyMissing = (error: Error): boolean => own.has(error)

/** A server's −32021, marked when the client did not declare what it names. */
export function theirMissing(error: ProtocolError, declared: Raw): ProtocolError {
  const checked = checkedError(error)
  const { requiredCapabilities } = (error.data ?? {}) as { requiredCapabilities?: unknown }
  if (isObject(requiredCapabilities) && lacks(declared, requiredCapabilities)) own.add(checked)
  return checked
}
