import type { Tool } from '@modelcontextprotocol/server'
import { withoutHidden } from '../../../contract/agreed/visible-text.ts'
import type { Risk } from '../../../contract/tools.ts'
import { templateOf, withTemplate } from '../../../mcp/extensions.ts'
import type { ToolDefinition } from '../../../mcp/tool-source.ts'
import { foreignMeta } from '../published-offer.ts'
import { visibleSchema } from './visible-schema.ts'

/**
 * What a client signs in for to use a tool, in the way ChatGPT reads it (Apps SDK, `securitySchemes`). It is about us,
 * whom the client signs in to, so a source's own word about itself must not stand in its place: that one said
 * `noauth`, or made clients ask for more than the tool needs.
 */
const securitySchemes = (risk: Risk) => [
  { type: 'oauth2', scopes: risk === 'read' ? ['mcp:use'] : ['mcp:use', 'mcp:write'] },
]

const ownersNote = 'Note from the owner:'

/** By schema object, which a source does not change. */
const clean = new WeakMap<object, unknown>()
function cleanSchema(schema: object): unknown {
  let made = clean.get(schema)
  if (made === undefined) {
    made = visibleSchema(schema)
    clean.set(schema, made)
  }
  return made
}

/** By definition, which a source does not change either. */
const visible = new WeakMap<ToolDefinition, { title?: string; description?: string; hint?: string }>()
export function visibleTexts(definition: ToolDefinition) {
  const made = visible.get(definition)
  if (made !== undefined) return made
  const { title, description, annotations } = definition
  const texts = {
    ...(typeof title === 'string' && { title: withoutHidden(title) }),
    ...(typeof description === 'string' && { description: withoutHidden(description) }),
    ...(typeof annotations?.title === 'string' && { hint: withoutHidden(annotations.title) }),
  }
  visible.set(definition, texts)
  return texts
}

/** Does beforehand what costs most of `publishedTool`. */
export function prepareTool(definition: ToolDefinition): void {
  visibleTexts(definition)
  const { inputSchema, outputSchema } = definition
  for (const schema of [inputSchema, outputSchema])
    if (typeof schema === 'object' && schema !== null) cleanSchema(schema)
}

/**
 * A tool as clients see it: our name, texts without hidden characters, and all four hints said out loud, because a
 * client that finds none asks the user about every call (MCP, "Tool annotations"; absent means "may change things").
 * A source's own hints stay, unless the user overrode the risk (`overridden`).
 */
export function publishedTool(
  definition: ToolDefinition,
  shownAs: {
    publicName: string
    risk: Risk
    openWorld: boolean
    overridden: boolean
    /** Of its owner, for assistants. */
    note?: string | undefined
    /** Under which address its template is to be read. */
    template?: string
  },
): Tool {
  // `execution` speaks of tasks (2025-11-25), which we do not offer.
  const {
    localOnly: _localOnly,
    alsoCalled: _alsoCalled,
    sentence: _sentence,
    execution: _execution,
    annotations = {},
    ...rest
  } = definition
  const { risk, overridden } = shownAs
  const schemes = securitySchemes(risk)
  const own = shownAs.template === undefined ? undefined : templateOf(definition)
  const meta = foreignMeta(definition._meta)
  const theirs = rest.securitySchemes ?? (rest._meta as Record<string, unknown> | undefined)?.securitySchemes
  const ours = { readOnlyHint: risk === 'read', destructiveHint: risk === 'destructive' }
  const published = {
    ...rest,
    name: shownAs.publicName,
    inputSchema: cleanSchema(definition.inputSchema),
    securitySchemes: schemes,
    _meta: {
      ...(own === undefined || own === shownAs.template ? meta : withTemplate(meta, own, shownAs.template!)),
      // Kept for whoever wants to know how the source itself is signed in to.
      ...(theirs !== undefined && { 'drawbridge/sourceSecuritySchemes': theirs }),
      securitySchemes: schemes,
    },
    annotations: {
      idempotentHint: risk === 'read',
      ...ours,
      openWorldHint: shownAs.openWorld,
      ...annotations,
      // Contradictions ("read-only and destructive") are settled the way we treat the tool.
      ...(overridden || annotations.destructiveHint === true ? ours : {}),
      ...(overridden && { openWorldHint: shownAs.openWorld }),
    } as Record<string, unknown>,
  } as Record<string, unknown>
  const { title, description, hint } = visibleTexts(definition)
  if (title !== undefined) published.title = title
  const told = [
    // First, since some clients read no more than the first two thousand characters.
    ...(shownAs.note ? [`${ownersNote} ${withoutHidden(shownAs.note)}`] : []),
    ...(description === undefined ? [] : [description]),
  ]
  if (told.length > 0) published.description = told.join('\n\n')
  if (definition.outputSchema) published.outputSchema = cleanSchema(definition.outputSchema)
  if (hint !== undefined) (published.annotations as Record<string, unknown>).title = hint
  return published as Tool
}
