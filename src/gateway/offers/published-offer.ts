import { withoutHidden } from '../../contract/agreed/visible-text.ts'
import { withoutDomain } from '../../mcp/extensions.ts'
import type { PromptDefinition, Raw } from '../../mcp/tool-source.ts'

/** `_meta` without marks that only we may set. */
export const foreignMeta = (meta: unknown): Raw =>
  Object.fromEntries(
    Object.entries(typeof meta === 'object' && meta !== null ? meta : {}).filter(
      ([key]) => !key.startsWith('drawbridge/'),
    ),
  )

/** Texts for people and models without characters that only the latter see; `name` where it is such a text too. */
function cleaned(definition: Raw, fields: readonly string[]): Raw {
  const out = { ...definition }
  for (const field of fields) {
    const text = out[field]
    if (typeof text === 'string') out[field] = withoutHidden(text)
  }
  if (out._meta !== undefined) out._meta = withoutDomain(foreignMeta(out._meta))
  return out
}

/** A resource or a resource template as clients see it; URIs stay byte for byte. */
export const publishedResource = (definition: Raw): Raw =>
  cleaned(definition, ['name', 'title', 'description'])

export function publishedPrompt(definition: PromptDefinition, publicName: string): Raw {
  const out = cleaned(definition, ['title', 'description'])
  out.name = publicName
  if (Array.isArray(definition.arguments))
    out.arguments = definition.arguments.map((argument: Raw) => cleaned(argument, ['title', 'description']))
  return out
}
