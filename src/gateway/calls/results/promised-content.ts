import { isExactObject, parseExact } from '../../../kernel/exact-json.ts'
import type { Raw } from '../../../mcp/tool-source.ts'
import { weigh } from './checked-result.ts'

/** Characters; nobody writes more into one text for a machine to read. */
const longest = 1_000_000

/**
 * A tool that says what its answers look like has to answer so (MCP, "Output Schema"), and clients of the official kind throw away what is
 * only a text. Where the text is what was promised, written as JSON, it stands in both places.
 */
export function withPromised(result: Raw, outputSchema: unknown): Raw {
  const { content, structuredContent, isError, resultType } = result
  if (!isExactObject(outputSchema) || outputSchema.type !== 'object' || structuredContent !== undefined)
    return result
  if (isError === true || resultType === 'input_required' || !Array.isArray(content)) return result
  const [text, ...more] = content
    .filter(({ type }: Raw) => type === 'text')
    .map(({ text }: Raw) => String(text))
  if (text === undefined || more.length > 0 || text.length > longest || !/^\s*\{/.test(text)) return result
  try {
    const said = parseExact(text)
    return isExactObject(said) && Number.isFinite(weigh(said, 0))
      ? { ...result, structuredContent: said }
      : result
  } catch {
    return result
  }
}
