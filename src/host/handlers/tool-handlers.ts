import type { Tool } from '../../contract/tools.ts'
import { HostError } from '../../kernel/errors.ts'
import type { Handlers } from '../dispatch.ts'

export interface ToolRooms {
  tools: {
    list(): Tool[]
    set(id: string, change: { enabled?: boolean; alias?: string | null }): void
    accept(tools: readonly { id: string; seen: string }[]): void
    /** The id of the tool that has this alias, or this other name, also while it is away. */
    idOfAlias(name: string): string | undefined
  }
}

/** The contract's calls about tools: hiding them and calling them something else. */
export function createToolHandlers({
  tools,
}: ToolRooms): Pick<Handlers, 'tools.list' | 'tools.set' | 'tools.accept'> {
  const oneTool = (id: string): Tool => {
    const tool = tools.list().find((one) => one.id === id)
    if (tool) return tool
    throw new HostError({
      code: 'tool-unknown',
      message: 'That tool is no longer there.',
      hint: 'Its server may have been removed or changed. Look at the Tools page again.',
      detail: id,
    })
  }
  /** A public name belongs to one tool, and its usual name stays free for a tool that has another one for now. */
  const refuseTaken = (id: string, alias: string): void => {
    const other = tools.list().find((one) => one.id !== id && (one.name === alias || one.id === alias))
    const away = tools.idOfAlias(alias)
    if (other === undefined && (away === undefined || away === id)) return
    throw new HostError({
      code: 'name-taken',
      message: `Another tool is called “${alias}”.`,
      hint: other
        ? `It belongs to ${other.source}. Choose another name, or rename that tool first.`
        : 'It belongs to a tool that is not there at the moment. Choose another name.',
      detail: away ?? other?.id,
    })
  }

  return {
    'tools.list': () => tools.list(),
    'tools.set': ({ id, enabled, alias }) => {
      oneTool(id)
      if (typeof alias === 'string') refuseTaken(id, alias)
      tools.set(id, { enabled, alias })
      return oneTool(id)
    },
    'tools.accept': ({ tools: wanted }) => {
      tools.accept(wanted)
      const ids = new Set(wanted.map(({ id }) => id))
      return tools.list().filter(({ id }) => ids.has(id))
    },
  }
}
