import { isObject } from '../kernel/is-object.ts'
import type { Raw } from './tool-source.ts'

/**
 * MCP Apps (ext-apps 2026-01-26): a tool names a template, `ui://…`, in which its client draws what it answers. The one extension
 * that works when it is passed on as it is. All others (events, skills, tasks of servers …) ask something of whoever stands in between, so
 * that nobody is told we had them, and no server that a client of ours has them: it would answer in ways that we cannot carry.
 */
export const appsExtension = 'io.modelcontextprotocol/ui'

/**
 * Calls whose result comes later (ext-tasks, SEP-2663). Spoken between clients and us alone: a client that has it may get a task of
 * ours in place of the result of its call.
 */
export const tasksExtension = 'io.modelcontextprotocol/tasks'

/** What a client that draws declares (ext-apps, "Client<>Server Capability Negotiation"). */
export const drawsApps = { mimeTypes: ['text/html;profile=mcp-app'] }

const declares = (capabilities: unknown, extension: string): boolean =>
  isObject(capabilities) && isObject(capabilities.extensions) && isObject(capabilities.extensions[extension])

/** Whether capabilities, of either side, name the extension. */
export const declaresApps = (capabilities: unknown): boolean => declares(capabilities, appsExtension)
export const declaresTasks = (capabilities: unknown): boolean => declares(capabilities, tasksExtension)

/** The same capabilities with no extension but that one; the same object when there is nothing to take out. */
export function withoutOtherExtensions<T extends object>(capabilities: T): T {
  const { extensions, ...rest } = capabilities as Raw
  if (extensions === undefined) return capabilities
  const apps = isObject(extensions) ? extensions[appsExtension] : undefined
  return (isObject(apps) ? { ...rest, extensions: { [appsExtension]: apps } } : rest) as T
}

/** Under which keys of a tool's `_meta` its template stands; the flat ones are older, and ChatGPT's own. */
const flatKeys = ['ui/resourceUri', 'openai/outputTemplate'] as const

/** The template of a tool; undefined when it has none. */
export function templateOf(tool: { _meta?: unknown }): string | undefined {
  if (!isObject(tool._meta)) return undefined
  const nested = isObject(tool._meta.ui) ? tool._meta.ui.resourceUri : undefined
  for (const uri of [nested, ...flatKeys.map((key) => (tool._meta as Raw)[key])])
    if (typeof uri === 'string' && /^ui:\/\//i.test(uri)) return uri
  return undefined
}

/** A tool's `_meta` with its template under another address. */
export function withTemplate(meta: Raw, from: string, to: string): Raw {
  const changed = { ...meta }
  if (isObject(changed.ui) && changed.ui.resourceUri === from) changed.ui = { ...changed.ui, resourceUri: to }
  for (const key of flatKeys) if (changed[key] === from) changed[key] = to
  return changed
}

/** Whether a tool is for views only (`visibility` without `model`), and means nothing to who does not draw. */
export function isForViewsOnly(tool: { _meta?: unknown }): boolean {
  const visibility = isObject(tool._meta) && isObject(tool._meta.ui) ? tool._meta.ui.visibility : undefined
  return Array.isArray(visibility) && !visibility.includes('model')
}

/**
 * Metadata of a template without the origin that it asks to be shown at (`ui.domain`, `openai/widgetDomain`): hosts compute that from
 * the address they are connected to, which is ours and not the source's. The same object when it asks for none.
 */
export function withoutDomain(meta: unknown): unknown {
  if (!isObject(meta)) return meta
  const { 'openai/widgetDomain': widgetDomain, ...rest } = meta
  if (isObject(rest.ui) && rest.ui.domain !== undefined) {
    const { domain: _domain, ...ui } = rest.ui
    return { ...rest, ui }
  }
  return widgetDomain === undefined ? meta : rest
}
