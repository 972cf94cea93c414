import { useMemo } from 'react'
import { useCall } from '../../pipe/host.tsx'

/** A tool as the log has it. */
interface CalledTool {
  tool: string
  source: string
}
export type TitleOf = (called: CalledTool) => string | undefined

const keyOf = ({ tool, source }: CalledTool) => `${source}\n${tool}`

/**
 * What tools call themselves today, by what the log has of them. The log's own name always stands beside it: that is what was called,
 * and a title is only what its maker says.
 */
export function useToolTitles(): TitleOf {
  const tools = useCall('tools.list', undefined)
  return useMemo(() => {
    const titles = new Map(
      tools.data?.map(({ name, source, title }) => [keyOf({ tool: name, source }), title]),
    )
    return (called) => {
      const title = titles.get(keyOf(called))
      return title && title !== called.tool ? title : undefined
    }
  }, [tools.data])
}
