import { families } from './families/families.ts'
import type { ConnectorToolDefinition, Listed } from './kit/connector.ts'
import { connectorFiles } from './list.ts'
import listed from './listed.json' with { type: 'json' }

const names: Readonly<Record<string, { name: string; family?: string }>> = listed.connectors
const tools = listed.tools as unknown as Readonly<Record<string, readonly ConnectorToolDefinition[]>>

/** What `listed.json`, made of the files, says of each. */
export const connectors: readonly Listed[] = Object.entries(connectorFiles).map(([slug, load]) => {
  const { name, family } = names[slug]!
  const found = family === undefined ? {} : { family: families[family as keyof typeof families] }
  return { slug, name, ...found, tools: tools[family ?? slug]!, load }
})
