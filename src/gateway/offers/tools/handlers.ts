import type { HandlersOf } from '../../../contract/definition.ts'
import type { Tool, toolsApi } from '../../../contract/tools.ts'
import { HostError } from '../../../kernel/errors.ts'
import type { Catalog } from '../catalog.ts'
import { checkTool } from './check-tool.ts'
import { toolChanged, toolGone, worse } from './tool-records.ts'
import type { ToolSettings } from './tool-settings.ts'

interface ToolParts {
  catalog: Pick<
    Catalog,
    | 'all'
    | 'offers'
    | 'accept'
    | 'acceptServer'
    | 'changedServers'
    | 'differences'
    | 'refresh'
    | 'ownerOfName'
    | 'hashOf'
    | 'acceptedHashOf'
  >
  settings: Pick<ToolSettings, 'get' | 'set' | 'idOfAlias'>
}

/** Hiding tools, calling them something else, and taking them as they are. */
export function toolHandlers({ catalog, settings }: ToolParts): HandlersOf<typeof toolsApi> {
  const oneTool = (id: string): Tool => {
    const tool = catalog.all().find((one) => one.id === id)
    if (tool) return tool
    throw toolGone(id)
  }
  /** A public name belongs to one tool, and its usual name stays free for a tool that has another one for now. */
  const refuseTaken = (id: string, alias: string): void => {
    if (alias === checkTool.name)
      throw new HostError({ code: 'name-taken', says: 'name-taken-tool-ours', params: { name: alias } })
    const other = catalog.all().find((one) => one.id !== id && (one.name === alias || one.id === alias))
    const away = settings.idOfAlias(alias) ?? catalog.ownerOfName(alias)
    if (other === undefined && (away === undefined || away === id)) return
    throw new HostError({
      code: 'name-taken',
      says: other ? 'name-taken-tool' : 'name-taken-tool-away',
      params: { name: alias, source: other?.source ?? '' },
      detail: away ?? other?.id,
    })
  }

  return {
    'tools.list': () => catalog.all(),
    'tools.offers': () => catalog.offers(),
    'tools.differences': ({ id }) => {
      const found = catalog.differences(id)
      if (found) return found
      throw toolGone(id)
    },
    'tools.servers': () => catalog.changedServers(),
    'tools.acceptServer': ({ sourceId, seen }) => catalog.acceptServer(sourceId, seen),
    'tools.set': ({ id, enabled, alias, risk, note, seen }) => {
      const { title } = oneTool(id)
      if (seen !== undefined && seen !== catalog.hashOf(id)) throw toolChanged(title)
      if (typeof alias === 'string') refuseTaken(id, alias)
      const riskFor = risk && (seen ?? catalog.acceptedHashOf(id))
      settings.set(id, { enabled, alias, risk, riskFor, note })
      // Who switches a new tool off has looked at it.
      const review = enabled === false ? catalog.all().find((tool) => tool.id === id)?.review : null
      if (review?.why === 'new') catalog.accept([{ id, seen: review.seen }])
      else catalog.refresh()
      return oneTool(id)
    },
    'tools.restrict': ({ id, enabled, risk }) => {
      const tool = oneTool(id)
      const said = settings.get(id).risk ?? 'read'
      const present = worse(worse(tool.risk, tool.review?.risk ?? 'read'), said)
      if (risk && worse(risk, present) !== risk)
        throw new HostError({ code: 'needs-owner', says: 'needs-owner-risk', params: { tool: id, risk } })
      // Of which definition its owner said less stays as it is: whoever calls this has looked at none.
      settings.set(id, { enabled, risk })
      catalog.refresh()
      return oneTool(id)
    },
    'tools.accept': ({ tools }) => {
      catalog.accept(tools)
      const ids = new Set(tools.map(({ id }) => id))
      return catalog.all().filter(({ id }) => ids.has(id))
    },
  }
}
