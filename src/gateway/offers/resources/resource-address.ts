import type { Raw, ToolSource } from '../../../mcp/tool-source.ts'

/** Addresses of ours begin with this; what sources list there is never theirs. */
export const ownScheme = 'drawbridge:'

/** Longer ones belong to nobody who did not list them. Characters. */
export const maxUri = 8_192

export const addressOfOurs = (source: ToolSource, uri: string): string => `${ownScheme}${source.slug}/${uri}`

export const isOurs = (uri: string): boolean => /^drawbridge:/i.test(uri)

/** In small letters; '' when there is none. */
export const schemeOf = (uri: string): string => uri.slice(0, Math.max(0, uri.indexOf(':'))).toLowerCase()

/** The scheme that every URI of a template has; '' stands for templates that could be anything. */
export function schemeOfTemplate(template: string): string {
  const at = template.indexOf('{')
  return schemeOf(at < 0 ? template : template.slice(0, at))
}

export const hasResources = (source: ToolSource): boolean =>
  source.request !== undefined &&
  ((source.resources?.().length ?? 0) > 0 ||
    (source.resourceTemplates?.().length ?? 0) > 0 ||
    source.capabilities?.().resources !== undefined)

/** Whether it can tell when one of its resources changes. */
export const canSubscribe = (source: ToolSource): boolean =>
  source.watch !== undefined && (source.capabilities?.().resources as Raw | undefined)?.subscribe === true
